// SPDX-License-Identifier: Apache-2.0
//
// aten::unique_consecutive. PyTorch has no C function for it: models call it by
// name. Of slices all results are there, whatever is asked for, as in torch.
#include "backends/cpu/kernels/index/unique.h"

static pt2_status_t unique(const pt2__boxed_t* arguments,
                           pt2_tensor_t** results) {
  pt2_tensor_t* self;
  bool inverse = false, counts = false, has_dim = false;
  int64_t dim = 0;
  PT2_TRY(pt2__boxed_tensor(arguments, 0, "self", &self));
  PT2_TRY(pt2__boxed_bool(arguments, 1, "return_inverse", &inverse));
  PT2_TRY(pt2__boxed_bool(arguments, 2, "return_counts", &counts));
  PT2_TRY(pt2__boxed_optional_int(arguments, 3, "dim", &dim, &has_dim));
  pt2__unique_t found;
  if (!has_dim || (dim == 0 && self->rank == 1)) {
    PT2_TRY(pt2__unique_elements(self, false, inverse, counts, &found));
  } else {
    PT2_TRY(pt2__unique_slices(self, dim, false, &found));
  }
  results[0] = found.values;
  results[1] = found.inverse;
  results[2] = found.counts;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(unique_consecutive, 3, unique)
