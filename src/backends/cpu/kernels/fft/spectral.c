// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/fft/spectral.h"

#include <complex.h>
#include <string.h>

#include "backends/cpu/kernels/fft/fft.h"
#include "ops/fft.h"

static bool in_double(int32_t dtype) {
  return dtype == PT2_DTYPE_F64 || dtype == PT2_DTYPE_COMPLEX128;
}

static int32_t part_dtype(int32_t dtype) {
  return in_double(dtype) ? PT2_DTYPE_F64 : PT2_DTYPE_F32;
}

static int32_t complex_dtype(int32_t dtype) {
  return in_double(dtype) ? PT2_DTYPE_COMPLEX128 : PT2_DTYPE_COMPLEX64;
}

// A new tensor of |self|'s sizes but |size| along the last transformed
// dimension, dense in the plan's order of dimensions.
static pt2_status_t make_dense(const pt2__fft_t* fft, const pt2_tensor_t* self,
                               int32_t dtype, int64_t size,
                               pt2_tensor_t** out_tensor) {
  int64_t sizes[PT2__MAX_RANK], strides[PT2__MAX_RANK];
  int64_t stride = 1;
  for (int32_t i = fft->rank - 1; i >= 0; --i) {
    int32_t dim = fft->order[i];
    sizes[dim] = i == fft->rank - 1 ? size : self->sizes[dim];
    strides[dim] = stride;
    stride *= sizes[dim] > 0 ? sizes[dim] : 1;
  }
  return pt2__tensor_empty(dtype, fft->rank, sizes, strides, out_tensor);
}

// |self|, or a copy of it that is dense in the plan's order of dimensions.
static pt2_status_t to_dense(const pt2__fft_t* fft, const pt2_tensor_t* self,
                             pt2_tensor_t** out_dense) {
  int64_t stride = 1;
  bool dense = true;
  for (int32_t i = fft->rank - 1; i >= 0; --i) {
    int32_t dim = fft->order[i];
    dense = dense && (self->sizes[dim] == 1 || self->strides[dim] == stride);
    stride *= self->sizes[dim];
  }
  if (dense) {
    return pt2__tensor_alias(self, out_dense);
  }
  int32_t last = fft->order[fft->rank - 1];
  PT2_TRY(make_dense(fft, self, self->dtype, self->sizes[last], out_dense));
  pt2_status_t status = pt2__tensor_copy(*out_dense, self);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(*out_dense);
  }
  return status;
}

// Product of the sizes from place |first| to before place |last| of the order.
static int64_t extent(const pt2__fft_t* fft, const pt2_tensor_t* tensor,
                      int32_t first, int32_t last) {
  int64_t product = 1;
  for (int32_t i = first; i < last; ++i) {
    product *= tensor->sizes[fft->order[i]];
  }
  return product;
}

// Transforms |to| along the places [first, last) of the order, the last one
// first; the first transform reads |from|. Both are dense.
static pt2_status_t transform(const pt2__fft_t* fft, const void* from,
                              pt2_tensor_t* to, int32_t first, int32_t last,
                              bool inverse, double scale) {
  for (int32_t i = last - 1; i >= first; --i) {
    pt2__fft_axis_t axis = {.dtype = part_dtype(to->dtype),
                            .outer = extent(fft, to, 0, i),
                            .n = to->sizes[fft->order[i]],
                            .inner = extent(fft, to, i + 1, fft->rank),
                            .inverse = inverse,
                            .scale = i == first ? scale : 1.0};
    PT2_TRY(pt2__fft_complex(&axis, from, to->data));
    from = to->data;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t c2c_into(const pt2__fft_t* fft, const pt2_tensor_t* self,
                             bool forward, pt2_tensor_t* result) {
  if (result->numel == 0) {
    return PT2_STATUS_OK;
  }
  if (fft->signals == 0) {
    return pt2__tensor_copy(result, self);
  }
  pt2_tensor_t* dense;
  PT2_TRY(to_dense(fft, self, &dense));
  pt2_status_t status =
      transform(fft, dense->data, result, fft->rank - fft->signals, fft->rank,
                !forward, fft->scale);
  pt2__tensor_release(dense);
  return status;
}

pt2_status_t pt2__spectral_c2c(const pt2_tensor_t* self, const int64_t* dims,
                               int64_t count, int64_t normalization,
                               bool forward, pt2_tensor_t** out_result) {
  pt2__fft_t fft;
  PT2_TRY(pt2__fft_resolve(PT2__FFT_C2C, self, dims, count, normalization, 0,
                           &fft));
  pt2_tensor_t* result;
  if (count == 0) {
    PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &result));
  } else {
    PT2_TRY(pt2__tensor_empty(self->dtype, fft.rank, fft.out_sizes,
                              fft.out_strides, &result));
  }
  pt2_status_t status = c2c_into(&fft, self, forward, result);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

// ---- Real to complex -------------------------------------------------------

// The row that mirrors row |row|: at the opposite index along each transformed
// dimension but the last.
static int64_t mirrored_row(const pt2__fft_t* fft, const pt2_tensor_t* tensor,
                            int64_t row) {
  int64_t mirrored = 0, step = 1;
  const int32_t batch = fft->rank - fft->signals;
  for (int32_t i = fft->rank - 2; i >= 0; --i) {
    int64_t size = tensor->sizes[fft->order[i]];
    int64_t index = row % size;
    row /= size;
    if (i >= batch && index > 0) {
      index = size - index;
    }
    mirrored += index * step;
    step *= size;
  }
  return mirrored;
}

// Rows of n from the first n / 2 + 1 elements of rows |width| apart; these
// may be the same rows.
#define COMPLETE(name, type, CONJUGATE)                                     \
  static void name(const pt2__fft_t* fft, const pt2_tensor_t* result,       \
                   const type* from, int64_t width, int64_t n) {            \
    const int64_t rows = result->numel / n, half = n / 2 + 1;               \
    int threads = pt2__op_threads(result->numel * 2);                       \
    _Pragma("omp parallel for num_threads(threads) if (threads > 1)") for ( \
        int64_t row = 0; row < rows; ++row) {                               \
      type* to = (type*)result->data + row * n;                             \
      const type* opposite = from + mirrored_row(fft, result, row) * width; \
      if (from != result->data) {                                           \
        memcpy(to, from + row * width, sizeof(type) * (size_t)half);        \
      }                                                                     \
      for (int64_t k = half; k < n; ++k) {                                  \
        to[k] = CONJUGATE(opposite[n - k]);                                 \
      }                                                                     \
    }                                                                       \
  }
COMPLETE(complete_c64, float complex, conjf)
COMPLETE(complete_c128, double complex, conj)

static void complete(const pt2__fft_t* fft, const pt2_tensor_t* result,
                     const void* from, int64_t width, int64_t n) {
  if (result->dtype == PT2_DTYPE_COMPLEX128) {
    complete_c128(fft, result, from, width, n);
  } else {
    complete_c64(fft, result, from, width, n);
  }
}

// |dense| into |half|, which has n / 2 + 1 elements of each row, or the first
// ones of longer rows where only one dimension is transformed.
static pt2_status_t r2c_dense(const pt2__fft_t* fft, const pt2_tensor_t* dense,
                              pt2_tensor_t* half) {
  const int32_t last = fft->rank - 1;
  pt2__fft_axis_t axis = {.dtype = dense->dtype,
                          .outer = extent(fft, dense, 0, last),
                          .n = dense->sizes[fft->order[last]],
                          .inner = 1,
                          .scale = fft->signals == 1 ? fft->scale : 1.0};
  PT2_TRY(pt2__fft_from_real(&axis, dense->data, half->data,
                             half->sizes[fft->order[last]]));
  return transform(fft, half->data, half, fft->rank - fft->signals, last, false,
                   fft->scale);
}

static pt2_status_t r2c_into(const pt2__fft_t* fft, const pt2_tensor_t* dense,
                             bool onesided, pt2_tensor_t* result) {
  const int32_t last = fft->order[fft->rank - 1];
  const int64_t n = dense->sizes[last];
  if (onesided || fft->signals == 1) {
    PT2_TRY(r2c_dense(fft, dense, result));
    if (!onesided) {
      complete(fft, result, result->data, n, n);
    }
    return PT2_STATUS_OK;
  }
  pt2_tensor_t* half;
  PT2_TRY(make_dense(fft, dense, result->dtype, n / 2 + 1, &half));
  pt2_status_t status = r2c_dense(fft, dense, half);
  if (status == PT2_STATUS_OK) {
    complete(fft, result, half->data, n / 2 + 1, n);
  }
  pt2__tensor_release(half);
  return status;
}

pt2_status_t pt2__spectral_r2c(const pt2_tensor_t* self, const int64_t* dims,
                               int64_t count, int64_t normalization,
                               bool onesided, pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(self, "self");
  int64_t last = 0;
  if (count > 0 && dims != NULL) {
    PT2_TRY(pt2__op_wrap_dim(dims[count - 1], self->rank, &last));
  }
  int64_t size = self->rank > 0 ? self->sizes[last] : 1;
  pt2__fft_t fft;
  PT2_TRY(pt2__fft_resolve(PT2__FFT_R2C, self, dims, count, normalization,
                           onesided ? size / 2 + 1 : size, &fft));
  pt2_tensor_t *dense, *result;
  PT2_TRY(to_dense(&fft, self, &dense));
  pt2_status_t status =
      pt2__tensor_empty(complex_dtype(self->dtype), fft.rank, fft.out_sizes,
                        fft.out_strides, &result);
  if (status == PT2_STATUS_OK) {
    if (result->numel > 0) {
      status = r2c_into(&fft, dense, onesided, result);
    }
    if (status == PT2_STATUS_OK) {
      *out_result = result;
    } else {
      pt2__tensor_release(result);
    }
  }
  pt2__tensor_release(dense);
  return status;
}

// ---- Complex to real -------------------------------------------------------

static pt2_status_t c2r_last(const pt2_tensor_t* self, int64_t dim,
                             int64_t normalization, int64_t last_size,
                             pt2_tensor_t** out_result) {
  pt2__fft_t fft;
  PT2_TRY(pt2__fft_resolve(PT2__FFT_C2R, self, &dim, 1, normalization,
                           last_size, &fft));
  pt2_tensor_t *dense, *result;
  PT2_TRY(to_dense(&fft, self, &dense));
  pt2_status_t status =
      pt2__tensor_empty(part_dtype(self->dtype), fft.rank, fft.out_sizes,
                        fft.out_strides, &result);
  if (status == PT2_STATUS_OK) {
    if (result->numel > 0) {
      pt2__fft_axis_t axis = {.dtype = part_dtype(self->dtype),
                              .outer = extent(&fft, dense, 0, fft.rank - 1),
                              .n = last_size,
                              .inner = 1,
                              .inverse = true,
                              .scale = fft.scale};
      status = pt2__fft_to_real(&axis, dense->data, result->data);
    }
    if (status == PT2_STATUS_OK) {
      *out_result = result;
    } else {
      pt2__tensor_release(result);
    }
  }
  pt2__tensor_release(dense);
  return status;
}

pt2_status_t pt2__spectral_c2r(const pt2_tensor_t* self, const int64_t* dims,
                               int64_t count, int64_t normalization,
                               int64_t last_size, pt2_tensor_t** out_result) {
  // All arguments are checked before anything is computed.
  pt2__fft_t fft;
  PT2_TRY(pt2__fft_resolve(PT2__FFT_C2R, self, dims, count, normalization,
                           last_size, &fft));
  if (count == 1) {
    return c2r_last(self, dims[0], normalization, last_size, out_result);
  }
  pt2_tensor_t* partly;
  PT2_TRY(
      pt2__spectral_c2c(self, dims, count - 1, normalization, false, &partly));
  pt2_status_t status =
      c2r_last(partly, dims[count - 1], normalization, last_size, out_result);
  pt2__tensor_release(partly);
  return status;
}
