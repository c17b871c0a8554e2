// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/matmul/gemm_linear.h"
#include "ops/op.h"

static pt2_status_t linear(pt2__gemm_linear_t* call, const char* attr,
                           const double* const* scalars, int64_t scalar_count,
                           const char* algorithm, pt2_tensor_t** out_result) {
  PT2_TRY(pt2__pointwise_parse_unary(attr, scalars, scalar_count, algorithm,
                                     &call->pointwise));
  return pt2__gemm_linear(call, out_result);
}

AOTITorchError aoti_torch_cpu__linear_pointwise(
    AtenTensorHandle x, AtenTensorHandle weight, AtenTensorHandle* bias,
    const char* attr, const double** scalars, int64_t scalar_count,
    const char** algorithm, AtenTensorHandle* ret0) {
  pt2__gemm_linear_t call = {
      .x = x, .weight = weight, .bias = bias == NULL ? NULL : *bias};
  PT2_OP_RETURN("mkldnn::_linear_pointwise",
                linear(&call, attr, scalars, scalar_count,
                       algorithm == NULL ? NULL : *algorithm, ret0));
}
