// SPDX-License-Identifier: Apache-2.0
//
// The weight comes twice: packed by MKL, and as it was. Packing is ours.
#include "backends/cpu/kernels/matmul/gemm_linear.h"
#include "ops/op.h"

static pt2_status_t linear(pt2__gemm_linear_t* call,
                           pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(call->x, "self");
  PT2_OP_CHECK_TENSOR(call->weight, "origin_weight");
  PT2_OP_CHECK(
      call->x->dtype == PT2_DTYPE_F32 && call->weight->dtype == PT2_DTYPE_F32,
      "Input type (torch.%sTensor) and weight type (torch.%sTensor) "
      "should be the same and Float",
      pt2__dtype_torch_name(call->x->dtype),
      pt2__dtype_torch_name(call->weight->dtype));
  return pt2__gemm_linear(call, out_result);
}

AOTITorchError aoti_torch_cpu__mkl_linear(AtenTensorHandle self,
                                          AtenTensorHandle mkl_weight,
                                          AtenTensorHandle origin_weight,
                                          AtenTensorHandle* bias,
                                          int64_t prepack_batch_size,
                                          AtenTensorHandle* ret0) {
  (void)mkl_weight;
  (void)prepack_batch_size;
  pt2__gemm_linear_t call = {
      .x = self, .weight = origin_weight, .bias = bias == NULL ? NULL : *bias};
  PT2_OP_RETURN("mkl::_mkl_linear", linear(&call, ret0));
}
