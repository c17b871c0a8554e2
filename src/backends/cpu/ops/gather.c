// SPDX-License-Identifier: Apache-2.0
//
// aten::gather, by name: models call it for complex tensors.
#include <string.h>

#include "ops/boxed.h"
#include "ops/scatter.h"

// |count| elements: element i is the one |places[i] * stride + i * step| behind
// |from|. False at the first place that is not below |size|, which a branch
// that is never taken finds at less cost than a look at all places before. A
// constant number of bytes makes each copy a move.
#define COPY(bytes)                                                        \
  if (step == 0 && stride == 1) {                                          \
    for (int64_t i = 0; i < count; ++i) {                                  \
      const int64_t place = places[i];                                     \
      if ((uint64_t)place >= (uint64_t)size) {                             \
        return false;                                                      \
      }                                                                    \
      memcpy(to + i * (bytes), from + place * (bytes), (size_t)(bytes));   \
    }                                                                      \
    return true;                                                           \
  }                                                                        \
  for (int64_t i = 0; i < count; ++i) {                                    \
    const int64_t place = places[i];                                       \
    if ((uint64_t)place >= (uint64_t)size) {                               \
      return false;                                                        \
    }                                                                      \
    memcpy(to + i * (bytes), from + (place * stride + i * step) * (bytes), \
           (size_t)(bytes));                                               \
  }                                                                        \
  return true

static bool gather_row(const char* from, const int64_t* places, int64_t size,
                       int64_t stride, int64_t step, int64_t bytes,
                       int64_t count, char* to) {
  switch (bytes) {
    case 1:
      COPY(1);
    case 2:
      COPY(2);
    case 4:
      COPY(4);
    case 8:
      COPY(8);
    default:
      COPY(16);
  }
}

// Rows |begin| to |end| of |result| and |index| (i64), which are row-major.
// False if an index lies outside.
static bool gather_rows(const pt2_tensor_t* self, int64_t dim,
                        const pt2_tensor_t* index, pt2_tensor_t* result,
                        int64_t begin, int64_t end) {
  const int64_t bytes = (int64_t)pt2_dtype_size_bytes(self->dtype);
  const int64_t* places = index->data;
  char* to = result->data;
  int64_t position[PT2__MAX_RANK] = {0}, steps[PT2__MAX_RANK] = {0}, at = 0;
  // Both may be of no dimension, with one element.
  const bool dimensions = self->rank > 0;
  const int64_t stride = dimensions ? self->strides[dim] : 0;
  const int64_t size = dimensions ? self->sizes[dim] : 1;
  for (int32_t d = 0; d < result->rank; ++d) {
    steps[d] = d == dim || !dimensions ? 0 : self->strides[d];
  }
  const int32_t last = result->rank - 1;
  const int64_t count = last >= 0 ? result->sizes[last] : 1;
  const int64_t step = last >= 0 ? steps[last] : 0;
  for (int64_t d = last - 1, rest = begin; d >= 0; --d) {
    position[d] = rest % result->sizes[d];
    rest /= result->sizes[d];
    at += position[d] * steps[d];
  }
  for (int64_t i = begin * count; i < end * count; i += count) {
    if (!gather_row((const char*)self->data + at * bytes, places + i, size,
                    stride, step, bytes, count, to + i * bytes)) {
      return false;
    }
    for (int32_t d = last - 1; d >= 0; --d) {
      at += steps[d];
      if (++position[d] < result->sizes[d]) {
        break;
      }
      at -= steps[d] * position[d];
      position[d] = 0;
    }
  }
  return true;
}

static bool gather(const pt2_tensor_t* self, int64_t dim,
                   const pt2_tensor_t* index, pt2_tensor_t* result) {
  const int32_t last = result->rank - 1;
  if (result->numel == 0) {
    return true;
  }
  const int64_t rows = last >= 0 ? result->numel / result->sizes[last] : 1;
  int64_t threads = pt2__op_threads(result->numel);
  threads = threads < rows ? threads : rows;
  bool good = true;
#pragma omp parallel for num_threads((int)threads) \
    reduction(&& : good) if (threads > 1)
  for (int64_t t = 0; t < threads; ++t) {
    good = gather_rows(self, dim, index, result, rows * t / threads,
                       rows * (t + 1) / threads) &&
           good;
  }
  return good;
}

static pt2_status_t fail_index(const pt2_tensor_t* self, int64_t dim,
                               const pt2_tensor_t* index) {
  PT2_TRY(pt2__scatter_check_indices(self, dim, index));
  return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "an index is out of bounds");
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
    if (gather(self, dim, dense, result)) {
      *out_result = result;
    } else {
      status = fail_index(self, dim, dense);
      pt2__tensor_release(result);
    }
  }
  pt2__tensor_release(dense);
  return status;
}

PT2_BOXED_OP(gather, 1, run)
