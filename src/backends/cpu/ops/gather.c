// SPDX-License-Identifier: Apache-2.0
//
// aten::gather, by name: models call it for complex tensors.
#include <string.h>

#include "ops/boxed.h"
#include "ops/scatter.h"

// |result| and |index| (i64) are row-major; every index lies inside.
static void gather(const pt2_tensor_t* self, int64_t dim,
                   const pt2_tensor_t* index, pt2_tensor_t* result) {
  const size_t bytes = pt2_dtype_size_bytes(self->dtype);
  const int64_t* places = index->data;
  int64_t position[PT2__MAX_RANK] = {0}, steps[PT2__MAX_RANK], at = 0;
  // Both may be of no dimension, with one element.
  const bool dimensions = self->rank > 0;
  const int64_t stride = dimensions ? self->strides[dim] : 0;
  for (int32_t d = 0; d < result->rank; ++d) {
    steps[d] = d == dim || !dimensions ? 0 : self->strides[d];
  }
  for (int64_t i = 0; i < result->numel; ++i) {
    memcpy((char*)result->data + (size_t)i * bytes,
           (const char*)self->data + (at + places[i] * stride) * (int64_t)bytes,
           bytes);
    for (int32_t d = result->rank - 1; d >= 0; --d) {
      at += steps[d];
      if (++position[d] < result->sizes[d]) {
        break;
      }
      at -= steps[d] * position[d];
      position[d] = 0;
    }
  }
}

// (Tensor self, int dim, Tensor index, *, bool sparse_grad)
static pt2_status_t run(const pt2__boxed_t* boxed, pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *index, *dense, *result;
  int64_t dim;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_int(boxed, 1, "dim", &dim));
  PT2_TRY(pt2__boxed_tensor(boxed, 2, "index", &index));
  PT2_TRY(pt2__gather_check(self, &dim, index));
  PT2_TRY(pt2__tensor_to_contiguous(index, PT2_DTYPE_I64, &dense));
  pt2_status_t status =
      pt2__tensor_empty(self->dtype, index->rank, index->sizes, NULL, &result);
  if (status == PT2_STATUS_OK) {
    gather(self, dim, dense, result);
    *out_result = result;
  }
  pt2__tensor_release(dense);
  return status;
}

PT2_BOXED_OP(gather, 1, run)
