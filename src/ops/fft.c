// SPDX-License-Identifier: Apache-2.0
#include "ops/fft.h"

#include <math.h>

#include "ops/op.h"

// Sorts dimensions by falling stride; equal ones stay as they are.
static void sort_dims(const pt2_tensor_t* self, int32_t* dims, int count) {
  for (int i = 1; i < count; ++i) {
    int32_t dim = dims[i];
    int at = i;
    for (; at > 0 && self->strides[dims[at - 1]] < self->strides[dim]; --at) {
      dims[at] = dims[at - 1];
    }
    dims[at] = dim;
  }
}

// The batch's dimensions in the order in which PyTorch sorts them: where
// strides are equal (expanded tensors) it matters what came first. Hers is the
// partition that exchanges from both ends.
static void find_batch(const bool* transformed, int32_t rank, int32_t* order) {
  int32_t first = 0, last = rank;
  for (int32_t d = 0; d < rank; ++d) {
    order[d] = d;
  }
  while (true) {
    while (first < last && !transformed[order[first]]) {
      ++first;
    }
    do {
      if (first >= last) {
        return;
      }
      --last;
    } while (transformed[order[last]]);
    if (first >= last) {
      return;
    }
    int32_t dim = order[first];
    order[first++] = order[last];
    order[last] = dim;
  }
}

static pt2_status_t check_self(pt2__fft_kind_t kind, const pt2_tensor_t* self) {
  PT2_OP_CHECK_TENSOR(self, "self");
  bool complex = pt2__dtype_is_complex(self->dtype);
  if (kind == PT2__FFT_R2C) {
    PT2_OP_CHECK(pt2__dtype_is_floating(self->dtype),
                 "expected self to be of a floating-point dtype, got %s",
                 pt2__dtype_torch_name(self->dtype));
  } else {
    PT2_OP_CHECK(complex, "expected self to be of a complex dtype, got %s",
                 pt2__dtype_torch_name(self->dtype));
  }
  PT2_OP_CHECK(self->dtype == PT2_DTYPE_F32 || self->dtype == PT2_DTYPE_F64 ||
                   self->dtype == PT2_DTYPE_COMPLEX64 ||
                   self->dtype == PT2_DTYPE_COMPLEX128,
               "FFT doesn't support tensors of type: %s",
               pt2__dtype_torch_name(self->dtype));
  return PT2_STATUS_OK;
}

static pt2_status_t mark_dims(const pt2_tensor_t* self, const int64_t* dims,
                              int64_t count, bool* transformed,
                              int32_t* signals) {
  PT2_OP_CHECK(count >= 0 && (dims != NULL || count == 0),
               "dim is NULL, its length is %lld", (long long)count);
  PT2_OP_CHECK(count <= self->rank, "dim names %lld dimensions, self has %d",
               (long long)count, (int)self->rank);
  for (int64_t i = 0; i < count; ++i) {
    int64_t dim;
    PT2_TRY(pt2__op_wrap_dim(dims[i], self->rank, &dim));
    PT2_OP_CHECK(!transformed[dim], "dim %lld appears twice in dim",
                 (long long)dims[i]);
    transformed[dim] = true;
    signals[i] = (int32_t)dim;
  }
  return PT2_STATUS_OK;
}

// Sizes of the result, and the length of the whole transform.
static pt2_status_t find_sizes(pt2__fft_kind_t kind, const pt2_tensor_t* self,
                               const int32_t* signals, int64_t last_size,
                               pt2__fft_t* out, double* out_length) {
  double length = 1;
  for (int32_t d = 0; d < self->rank; ++d) {
    out->out_sizes[d] = self->sizes[d];
  }
  for (int32_t i = 0; i < out->signals; ++i) {
    int32_t dim = signals[i];
    int64_t n = self->sizes[dim];
    if (i == out->signals - 1 && kind != PT2__FFT_C2C) {
      if (kind == PT2__FFT_C2R) {
        n = last_size;
        PT2_OP_CHECK(n >= 1 && self->sizes[dim] == n / 2 + 1,
                     "expected last_dim_size / 2 + 1 elements along dimension "
                     "%d, got last_dim_size %lld and %lld elements",
                     (int)dim, (long long)n, (long long)self->sizes[dim]);
      }
      out->out_sizes[dim] = last_size;
    }
    // A complex tensor without elements is transformed to itself.
    PT2_OP_CHECK(n >= 1 || kind == PT2__FFT_C2C,
                 "Invalid number of data points (%lld) specified",
                 (long long)n);
    length *= (double)n;
  }
  *out_length = length;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__fft_resolve(pt2__fft_kind_t kind, const pt2_tensor_t* self,
                              const int64_t* dims, int64_t count,
                              int64_t normalization, int64_t last_size,
                              pt2__fft_t* out) {
  PT2_TRY(check_self(kind, self));
  bool transformed[PT2__MAX_RANK] = {false};
  int32_t signals[PT2__MAX_RANK];
  PT2_TRY(mark_dims(self, dims, count, transformed, signals));
  PT2_OP_CHECK(kind == PT2__FFT_C2C || count > 0,
               "expected at least one dimension in dim");
  PT2_OP_CHECK(normalization >= 0 && normalization <= 2,
               "Unsupported normalization type %lld", (long long)normalization);
  out->rank = self->rank;
  out->signals = (int32_t)count;
  double length = 1;
  PT2_TRY(find_sizes(kind, self, signals, last_size, out, &length));
  out->scale = normalization == 0   ? 1.0
               : normalization == 1 ? 1.0 / sqrt(length)
                                    : 1.0 / length;
  find_batch(transformed, self->rank, out->order);
  int32_t batch = self->rank - out->signals;
  sort_dims(self, out->order, batch);
  sort_dims(self, signals, (int)count - (kind != PT2__FFT_C2C));
  for (int32_t i = 0; i < out->signals; ++i) {
    out->order[batch + i] = signals[i];
  }
  int64_t stride = 1;
  for (int32_t i = self->rank - 1; i >= 0; --i) {
    int32_t dim = out->order[i];
    int64_t size = out->out_sizes[dim];
    out->out_strides[dim] = stride;
    PT2_OP_CHECK(size <= 1 || stride <= INT64_MAX / size,
                 "the result has too many elements");
    stride *= size > 0 ? size : 1;
  }
  return PT2_STATUS_OK;
}
