// SPDX-License-Identifier: Apache-2.0
//
// aten::unique_dim_consecutive. PyTorch has no C function for it: models call
// it by name. As in torch all results are there, whatever is asked for.
#include "backends/cpu/kernels/unique.h"
#include "ops/boxed.h"

// (Tensor self, int dim, bool return_inverse, bool return_counts)
static pt2_status_t unique(const pt2__boxed_t* arguments,
                           pt2_tensor_t** results) {
  pt2_tensor_t* self;
  int64_t dim;
  PT2_TRY(pt2__boxed_tensor(arguments, 0, "self", &self));
  PT2_TRY(pt2__boxed_int(arguments, 1, "dim", &dim));
  pt2__unique_t found;
  PT2_TRY(pt2__unique_slices(self, dim, false, &found));
  results[0] = found.values;
  results[1] = found.inverse;
  results[2] = found.counts;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(unique_dim_consecutive, 3, unique)
