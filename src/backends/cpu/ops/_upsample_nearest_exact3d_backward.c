// SPDX-License-Identifier: Apache-2.0
//
// aten::_upsample_nearest_exact3d_backward, by name.
#include "backends/cpu/kernels/image/upsample_backward.h"

static pt2_status_t backward(const pt2__boxed_t* boxed,
                             pt2_tensor_t** out_result) {
  const pt2__upsample_kind_t kind = {
      .spatial = 3,
      .filter = PT2__UPSAMPLE_NEAREST_EXACT,
  };
  return pt2__upsample_backward_boxed(boxed, &kind, out_result);
}

PT2_BOXED_OP(_upsample_nearest_exact3d_backward, 1, backward)
