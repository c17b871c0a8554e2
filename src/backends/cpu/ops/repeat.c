// SPDX-License-Identifier: Apache-2.0
//
// aten::repeat, by name: models call it for complex tensors.
#include "ops/boxed.h"

// |self| as a view of twice |rank| dimensions: how often, then each size.
static pt2_status_t lay_over(const pt2_tensor_t* self, const int64_t* repeats,
                             int64_t rank, pt2_tensor_t* result) {
  int64_t sizes[PT2__MAX_RANK], strides[PT2__MAX_RANK],
      from_strides[PT2__MAX_RANK];
  for (int64_t d = 0; d < rank; ++d) {
    int64_t from = d - (rank - self->rank);
    int64_t size = from >= 0 ? self->sizes[from] : 1;
    sizes[2 * d] = repeats[d];
    sizes[2 * d + 1] = size;
    strides[2 * d] = size * result->strides[d];
    strides[2 * d + 1] = result->strides[d];
    from_strides[2 * d] = 0;
    from_strides[2 * d + 1] = from >= 0 ? self->strides[from] : 0;
  }
  pt2_tensor_t *to, *from;
  PT2_TRY(pt2__tensor_view(result, 2 * rank, sizes, strides, 0, &to));
  pt2_status_t status = pt2__tensor_view(self, 2 * rank, sizes, from_strides,
                                         self->storage_offset, &from);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(to, from);
    pt2__tensor_release(from);
  }
  pt2__tensor_release(to);
  return status;
}

// (Tensor self, SymInt[] repeats)
static pt2_status_t repeat(const pt2__boxed_t* boxed,
                           pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *result;
  const int64_t* repeats;
  int64_t rank, sizes[PT2__MAX_RANK];
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_ints(boxed, 1, "repeats", &repeats, &rank));
  PT2_OP_CHECK(rank >= self->rank,
               "Number of dimensions of repeat dims can not be smaller than "
               "number of dimensions of tensor: %lld and %d",
               (long long)rank, self->rank);
  PT2_OP_CHECK(2 * rank <= PT2__MAX_RANK, "repeat of %lld dimensions",
               (long long)rank);
  for (int64_t d = 0; d < rank; ++d) {
    int64_t from = d - (rank - self->rank);
    PT2_OP_CHECK(repeats[d] >= 0,
                 "Trying to create tensor with negative dimension: repeat %lld "
                 "of dimension %lld",
                 (long long)repeats[d], (long long)d);
    PT2_OP_CHECK(!__builtin_mul_overflow(from >= 0 ? self->sizes[from] : 1,
                                         repeats[d], &sizes[d]),
                 "repeat: dimension %lld is too large", (long long)d);
  }
  PT2_TRY(pt2__tensor_empty(self->dtype, rank, sizes, NULL, &result));
  pt2_status_t status =
      result->numel > 0 ? lay_over(self, repeats, rank, result) : PT2_STATUS_OK;
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(repeat, 1, repeat)
