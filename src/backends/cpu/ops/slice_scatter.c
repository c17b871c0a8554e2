// SPDX-License-Identifier: Apache-2.0
//
// aten::slice_scatter, by name: models call it for complex tensors.
#include "ops/boxed.h"
#include "ops/view.h"

// (Tensor self, Tensor src, int dim, SymInt? start, SymInt? end, SymInt step)
static pt2_status_t slice_scatter(const pt2__boxed_t* boxed,
                                  pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *src, *result, *slice;
  int64_t dim = 0, start = 0, end = INT64_MAX, step = 1;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "src", &src));
  PT2_TRY(pt2__boxed_optional_int(boxed, 2, "dim", &dim, NULL));
  PT2_TRY(pt2__boxed_optional_int(boxed, 3, "start", &start, NULL));
  PT2_TRY(pt2__boxed_optional_int(boxed, 4, "end", &end, NULL));
  PT2_TRY(pt2__boxed_optional_int(boxed, 5, "step", &step, NULL));
  PT2_TRY(pt2__view_empty_like(self, &result));
  pt2_status_t status = pt2__tensor_copy(result, self);
  if (status == PT2_STATUS_OK) {
    status = pt2__view_slice(result, dim, &start, &end, step, &slice);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__view_check_same_sizes(slice, src);
    if (status == PT2_STATUS_OK) {
      status = pt2__tensor_copy(slice, src);
    }
    pt2__tensor_release(slice);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(slice_scatter, 1, slice_scatter)
