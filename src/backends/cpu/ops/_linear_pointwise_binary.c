// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/matmul/gemm_linear.h"
#include "ops/op.h"

static pt2_status_t linear(pt2__gemm_linear_t* call, const char* attr,
                           pt2_tensor_t** out_result) {
  PT2_TRY(pt2__pointwise_parse_binary(attr, &call->pointwise));
  return pt2__gemm_linear(call, out_result);
}

AOTITorchError aoti_torch_cpu__linear_pointwise_binary(
    AtenTensorHandle x, AtenTensorHandle other, AtenTensorHandle weight,
    AtenTensorHandle* bias, const char* attr, AtenTensorHandle* ret0) {
  pt2__gemm_linear_t call = {.x = x,
                             .weight = weight,
                             .bias = bias == NULL ? NULL : *bias,
                             .other = other};
  PT2_OP_RETURN("mkldnn::_linear_pointwise.binary", linear(&call, attr, ret0));
}
