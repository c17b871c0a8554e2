// SPDX-License-Identifier: Apache-2.0
//
// aten::_unique, by name. The values are sorted whether that is asked for or
// not, as torch's are.
#include "backends/cpu/kernels/index/unique.h"

// (Tensor self, bool sorted=True, bool return_inverse=False)
static pt2_status_t unique(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2_tensor_t* self;
  bool inverse = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "return_inverse", &inverse));
  pt2__unique_t found;
  PT2_TRY(pt2__unique_elements(self, true, inverse, false, &found));
  pt2__tensor_release(found.counts);
  results[0] = found.values;
  results[1] = found.inverse;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(_unique, 2, unique)
