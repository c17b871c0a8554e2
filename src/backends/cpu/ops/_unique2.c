// SPDX-License-Identifier: Apache-2.0
//
// aten::_unique2. PyTorch has no C function for it: models call it by name. The
// values are sorted whether that is asked for or not, as torch's are.
#include "backends/cpu/kernels/index/unique.h"

static pt2_status_t unique(const pt2__boxed_t* arguments,
                           pt2_tensor_t** results) {
  pt2_tensor_t* self;
  bool inverse = false, counts = false;
  PT2_TRY(pt2__boxed_tensor(arguments, 0, "self", &self));
  PT2_TRY(pt2__boxed_bool(arguments, 2, "return_inverse", &inverse));
  PT2_TRY(pt2__boxed_bool(arguments, 3, "return_counts", &counts));
  pt2__unique_t found;
  PT2_TRY(pt2__unique_elements(self, true, inverse, counts, &found));
  results[0] = found.values;
  results[1] = found.inverse;
  results[2] = found.counts;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(_unique2, 3, unique)
