// SPDX-License-Identifier: Apache-2.0
//
// aten::_adaptive_avg_pool2d_backward.
#include "backends/cpu/kernels/image/pool_backward.h"
#include "ops/op.h"

static pt2_status_t backward(const pt2_tensor_t* grad_output,
                             const pt2_tensor_t* self,
                             pt2_tensor_t** out_result) {
  static const pt2__pool_adaptive_args_t args = {
      .name = "adaptive_avg_pool2d_backward",
      .spatial = 2,
  };
  pt2__pool_t pool;
  PT2_TRY(pt2__pool_resolve_adaptive_backward(grad_output, self, NULL, &args,
                                              &pool));
  const pt2__pool_average_t average = {0};
  return pt2__pool_backward(&pool, grad_output, self, NULL, &average,
                            out_result);
}

AOTITorchError aoti_torch_cpu__adaptive_avg_pool2d_backward(
    AtenTensorHandle grad_output, AtenTensorHandle self,
    AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::_adaptive_avg_pool2d_backward",
                backward(grad_output, self, ret0));
}
