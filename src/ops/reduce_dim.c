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
