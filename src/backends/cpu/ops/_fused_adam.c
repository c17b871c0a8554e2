// SPDX-License-Identifier: Apache-2.0
//
// aten::_fused_adam and its overload with the learning rate in a tensor, by
// name. The forms that write to their arguments cannot be exported.
#include "backends/cpu/kernels/optimizer/optimizer.h"

static pt2_status_t step(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  return pt2__optimizer_run_adam(boxed, PT2__OPTIMIZER_ADAM, results);
}

PT2_BOXED_OP(_fused_adam, PT2__BOXED_LIST, step)
PT2_BOXED_OVERLOAD(_fused_adam_tensor_lr, "aten::_fused_adam.tensor_lr",
                   PT2__BOXED_LIST, step)
