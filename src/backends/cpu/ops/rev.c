// SPDX-License-Identifier: Apache-2.0
//
// prims::rev, by name: models call it to flip complex tensors.
#include <string.h>

#include "ops/boxed.h"

// |from| is row-major, |to| of the same sizes with its own strides.
static void reverse(const pt2_tensor_t* from, const bool* flipped,
                    pt2_tensor_t* to) {
  const size_t bytes = pt2_dtype_size_bytes(from->dtype);
  int64_t index[PT2__MAX_RANK] = {0}, place = 0;
  for (int32_t d = 0; d < to->rank; ++d) {
    place += flipped[d] ? (to->sizes[d] - 1) * to->strides[d] : 0;
  }
  for (int64_t i = 0; i < from->numel; ++i) {
    memcpy((char*)to->data + (size_t)place * bytes,
           (const char*)from->data + (size_t)i * bytes, bytes);
    for (int32_t d = to->rank - 1; d >= 0; --d) {
      int64_t step = flipped[d] ? -to->strides[d] : to->strides[d];
      place += step;
      if (++index[d] < to->sizes[d]) {
        break;
      }
      place -= step * index[d];
      index[d] = 0;
    }
  }
}

// (Tensor a, int[] dims)
static pt2_status_t rev(const pt2__boxed_t* boxed, pt2_tensor_t** out_result) {
  pt2_tensor_t *a, *dense, *result;
  const int64_t* dims;
  int64_t count, dim;
  bool flipped[PT2__MAX_RANK] = {false};
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "a", &a));
  PT2_TRY(pt2__boxed_ints(boxed, 1, "dims", &dims, &count));
  for (int64_t i = 0; i < count; ++i) {
    PT2_TRY(pt2__op_wrap_dim(dims[i], a->rank, &dim));
    PT2_OP_CHECK(!flipped[dim],
                 "dim %lld appears multiple times in the list of dims",
                 (long long)dim);
    flipped[dim] = true;
  }
  PT2_TRY(pt2__tensor_contiguous(a, &dense));
  pt2_status_t status = pt2__tensor_empty_like(a, a->dtype, &result);
  if (status == PT2_STATUS_OK) {
    reverse(dense, flipped, result);
    *out_result = result;
  }
  pt2__tensor_release(dense);
  return status;
}

PT2_BOXED_OVERLOAD(rev, "prims::rev", 1, rev)
