// SPDX-License-Identifier: Apache-2.0
//
// aten::unbind.int, by name: models call it for complex tensors.
#include "ops/boxed.h"
#include "ops/view.h"

// (Tensor self, int dim) -> Tensor[]
static pt2_status_t unbind(const pt2__boxed_t* boxed,
                           pt2_tensor_t** out_views) {
  pt2_tensor_t* self;
  int64_t dim = 0;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_optional_int(boxed, 1, "dim", &dim, NULL));
  PT2_OP_CHECK(self->rank > 0,
               "Dimension specified as %lld but tensor has no dimensions",
               (long long)dim);
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  int64_t count = self->sizes[dim];
  PT2_OP_CHECK(boxed->result_count == (size_t)count,
               "the model has room for %zu parts, there are %lld",
               boxed->result_count, (long long)count);
  for (int64_t i = 0; i < count; ++i) {
    pt2_status_t status = pt2__view_select(self, dim, i, &out_views[i]);
    if (status != PT2_STATUS_OK) {
      while (i-- > 0) {
        pt2__tensor_release(out_views[i]);
        out_views[i] = NULL;
      }
      return status;
    }
  }
  return PT2_STATUS_OK;
}

PT2_BOXED_OVERLOAD(unbind_int, "aten::unbind.int", PT2__BOXED_LIST, unbind)
