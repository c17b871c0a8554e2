// SPDX-License-Identifier: Apache-2.0
//
// aten::expand, by name: models call it for complex tensors.
#include "ops/boxed.h"

// (Tensor self, SymInt[] size)
static pt2_status_t expand(const pt2__boxed_t* boxed, pt2_tensor_t** out_view) {
  pt2_tensor_t* self;
  const int64_t* wanted;
  int64_t rank, sizes[PT2__MAX_RANK], strides[PT2__MAX_RANK];
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_ints(boxed, 1, "size", &wanted, &rank));
  PT2_OP_CHECK(rank >= self->rank && rank <= PT2__MAX_RANK,
               "the number of sizes provided (%lld) must be greater or equal "
               "to the number of dimensions in the tensor (%d)",
               (long long)rank, self->rank);
  for (int64_t d = 0; d < rank; ++d) {
    int64_t from = d - (rank - self->rank);
    bool kept =
        from >= 0 && (wanted[d] == -1 || wanted[d] == self->sizes[from]);
    PT2_OP_CHECK(
        kept || (wanted[d] >= 0 && (from < 0 || self->sizes[from] == 1)),
        "The expanded size of the tensor (%lld) must match the "
        "existing size (%lld) at non-singleton dimension %lld",
        (long long)wanted[d], (long long)(from >= 0 ? self->sizes[from] : 0),
        (long long)d);
    sizes[d] = kept ? self->sizes[from] : wanted[d];
    strides[d] = kept ? self->strides[from] : 0;
  }
  return pt2__tensor_view(self, rank, sizes, strides, self->storage_offset,
                          out_view);
}

PT2_BOXED_OP(expand, 1, expand)
