// SPDX-License-Identifier: Apache-2.0
//
// aten::_upsample_bilinear2d_aa, by name.
#include "backends/cpu/kernels/image/upsample_antialias.h"

static pt2_status_t upsample(const pt2__boxed_t* boxed,
                             pt2_tensor_t** out_result) {
  return pt2__upsample_antialias_boxed(boxed, PT2__UPSAMPLE_LINEAR, out_result);
}

PT2_BOXED_OP(_upsample_bilinear2d_aa, 1, upsample)
