// SPDX-License-Identifier: Apache-2.0
#include "ops/reduce_dim.h"

pt2_status_t pt2__reduce_dim_results(const pt2_tensor_t* self, int64_t dim,
                                     bool keep, pt2_tensor_t** out_values,
                                     pt2_tensor_t** out_places) {
  int64_t sizes[PT2__MAX_RANK];
  int64_t rank = 0;
  for (int64_t d = 0; d < self->rank; ++d) {
    if (d != dim) {
      sizes[rank++] = self->sizes[d];
    } else if (keep) {
      sizes[rank++] = 1;
    }
  }
  PT2_TRY(pt2__tensor_empty(self->dtype, rank, sizes, NULL, out_values));
  pt2_status_t status =
      pt2__tensor_empty(PT2_DTYPE_I64, rank, sizes, NULL, out_places);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(*out_values);
  }
  return status;
}

pt2_status_t pt2__reduce_dims(const pt2_tensor_t* self, const int64_t* dims,
                              int64_t count, bool all, bool keep,
                              pt2__reduce_dims_t* out_shape) {
  pt2__reduce_dims_t shape = {.rank = 0};
  bool seen = false;  // the only dimension that a 0-d tensor has
  for (int64_t i = 0; i < count; ++i) {
    int64_t dim;
    PT2_TRY(pt2__op_wrap_dim(dims[i], self->rank, &dim));
    bool* again = self->rank == 0 ? &seen : &shape.reduced[dim];
    PT2_OP_CHECK(!*again, "dim %lld appears multiple times in the list of dims",
                 (long long)dim);
    *again = true;
  }
  int64_t step = 1;
  for (int32_t d = self->rank - 1; d >= 0; --d) {
    shape.reduced[d] = shape.reduced[d] || (count == 0 && all);
    shape.steps[d] = shape.reduced[d] ? 0 : step;
    step *= shape.reduced[d] ? 1 : self->sizes[d];
  }
  for (int32_t d = 0; d < self->rank; ++d) {
    if (keep || !shape.reduced[d]) {
      shape.sizes[shape.rank++] = shape.reduced[d] ? 1 : self->sizes[d];
    }
  }
  *out_shape = shape;
  return PT2_STATUS_OK;
}
