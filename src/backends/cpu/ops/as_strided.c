// SPDX-License-Identifier: Apache-2.0
//
// aten::as_strided and aten::as_strided_copy, by name: models call them for
// complex tensors.
#include "ops/boxed.h"

// (Tensor self, SymInt[] size, SymInt[] stride, SymInt? storage_offset)
static pt2_status_t as_strided(const pt2__boxed_t* boxed,
                               pt2_tensor_t** out_view) {
  pt2_tensor_t* self;
  const int64_t *sizes, *strides;
  int64_t rank, stride_count;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_ints(boxed, 1, "size", &sizes, &rank));
  PT2_TRY(pt2__boxed_ints(boxed, 2, "stride", &strides, &stride_count));
  int64_t offset = self->storage_offset;
  PT2_TRY(pt2__boxed_optional_int(boxed, 3, "storage_offset", &offset, NULL));
  PT2_OP_CHECK(rank == stride_count,
               "mismatch in length of strides and shape: %lld strides, %lld "
               "sizes",
               (long long)stride_count, (long long)rank);
  PT2_OP_CHECK(offset >= 0, "Tensor: invalid storage offset %lld",
               (long long)offset);
  for (int64_t d = 0; d < rank; ++d) {
    PT2_OP_CHECK(strides[d] >= 0,
                 "as_strided: Negative strides are not supported at the "
                 "moment, got a stride of %lld",
                 (long long)strides[d]);
  }
  return pt2__tensor_view(self, rank, sizes, strides, offset, out_view);
}

PT2_BOXED_OP(as_strided, 1, as_strided)

static pt2_status_t as_strided_copy(const pt2__boxed_t* boxed,
                                    pt2_tensor_t** out_result) {
  pt2_tensor_t *view, *result;
  PT2_TRY(as_strided(boxed, &view));
  pt2_status_t status =
      pt2__tensor_empty(view->dtype, view->rank, view->sizes, NULL, &result);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(result, view);
    if (status == PT2_STATUS_OK) {
      *out_result = result;
    } else {
      pt2__tensor_release(result);
    }
  }
  pt2__tensor_release(view);
  return status;
}

PT2_BOXED_OP(as_strided_copy, 1, as_strided_copy)
