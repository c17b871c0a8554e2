// SPDX-License-Identifier: Apache-2.0
//
// aten::_logcumsumexp, which aten::logcumsumexp is on the CPU: a running sum of
// exponentials that is kept as its logarithm. f16, bf16 and f32 are computed
// as torch does, in f32 and f64.
#include <complex.h>
#include <math.h>

#include "base/complex_parts.h"
#include "ops/op.h"

// log(exp(x) + exp(sum)). Of two infinities of one sign the difference is NaN:
// the sum stays what it is.
#define LOG_ADD(name, real, EXP, LOG1P)       \
  static inline real name(real x, real sum) { \
    if (isnan(x) || isnan(sum)) {             \
      return isnan(sum) ? sum : x;            \
    }                                         \
    real low = x < sum ? x : sum;             \
    real high = x < sum ? sum : x;            \
    if (low == high && isinf(low)) {          \
      return x;                               \
    }                                         \
    return LOG1P(EXP(low - high)) + high;     \
  }

LOG_ADD(log_add_f32, float, expf, log1pf)
LOG_ADD(log_add_f64, double, exp, log1p)

static double complex clog1p(double complex z) {
  double x = creal(z), y = cimag(z);
  double angle = atan2(y, x + 1);
  if (cabs(z) >= 0.5) {
    return pt2__complex_f64(log(hypot(x + 1, y)), angle);
  }
  // |1 + z|^2 - 1 without cancellation; 0 if it underflows.
  double square = x * (2 + x) + y * y;
  return pt2__complex_f64(square == 0 ? x : 0.5 * log1p(square), angle);
}

static double complex log_add_complex(double complex x, double complex sum) {
  bool nan_x = isnan(creal(x)) || isnan(cimag(x));
  bool nan_sum = isnan(creal(sum)) || isnan(cimag(sum));
  if (nan_x || nan_sum) {
    return pt2__complex_f64(NAN, NAN);
  }
  bool less = creal(x) < creal(sum);
  double complex low = less ? x : sum, high = less ? sum : x;
  if (creal(low) == creal(high) && isinf(creal(low))) {
    return creal(low) < 0 ? low : clog(cexp(low) + cexp(high));
  }
  return clog1p(cexp(low - high)) + high;
}

#define SAME(x) (x)
#define SLICE(name, type, wide, ADD, LOAD, STORE)                    \
  static void name(const void* source, void* target, int64_t length, \
                   int64_t step) {                                   \
    const type* from = source;                                       \
    type* to = target;                                               \
    wide sum = -INFINITY;                                            \
    for (int64_t i = 0; i < length; ++i) {                           \
      sum = ADD((wide)LOAD(from[i * step]), sum);                    \
      to[i * step] = STORE(sum);                                     \
    }                                                                \
  }

// f16 and bf16, converted before and rounded behind.
SLICE(scan_low, float, float, log_add_f32, SAME, SAME)
SLICE(scan_f32, float, double, log_add_f64, SAME, (float))
SLICE(scan_f64, double, double, log_add_f64, SAME, SAME)
SLICE(scan_c64, float complex, double complex, log_add_complex, SAME,
      (float complex))
SLICE(scan_c128, double complex, double complex, log_add_complex, SAME, SAME)

typedef void (*slice_fn)(const void* source, void* target, int64_t length,
                         int64_t step);

static slice_fn choose(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F16:
    case PT2_DTYPE_BF16:
      return scan_low;
    case PT2_DTYPE_F32:
      return scan_f32;
    case PT2_DTYPE_F64:
      return scan_f64;
    case PT2_DTYPE_COMPLEX64:
      return scan_c64;
    case PT2_DTYPE_COMPLEX128:
      return scan_c128;
    default:
      return NULL;
  }
}

static void run(slice_fn slice, const pt2_tensor_t* dense, int64_t dim,
                pt2_tensor_t* result) {
  int64_t length = dense->rank > 0 ? dense->sizes[dim] : 1, inner = 1;
  for (int64_t d = dim + 1; d < dense->rank; ++d) {
    inner *= dense->sizes[d];
  }
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(dense->dtype);
  int64_t slices = dense->numel / length;
  int threads = pt2__op_threads(dense->numel * 16);
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < slices; ++i) {
    int64_t at = (i / inner * length * inner + i % inner) * bytes;
    slice((const char*)dense->data + at, (char*)result->data + at, length,
          inner);
  }
}

static pt2_status_t logcumsumexp(const pt2_tensor_t* self, int64_t dim,
                                 AtenTensorHandle* ret0) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  slice_fn slice = choose(self->dtype);
  PT2_OP_CHECK(slice != NULL,
               "\"logcumsumexp_out_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  int32_t dtype = slice == scan_low ? PT2_DTYPE_F32 : self->dtype;
  pt2_tensor_t *dense, *result;
  PT2_TRY(pt2__tensor_to_contiguous(self, dtype, &dense));
  pt2_status_t status =
      pt2__tensor_empty(dtype, self->rank, self->sizes, NULL, &result);
  if (status == PT2_STATUS_OK) {
    if (self->numel > 0) {
      run(slice, dense, dim, result);
    }
    status = pt2__tensor_to_contiguous(result, self->dtype, ret0);
    pt2__tensor_release(result);
  }
  pt2__tensor_release(dense);
  return status;
}

AOTITorchError aoti_torch_cpu_logcumsumexp(AtenTensorHandle self, int64_t dim,
                                           AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::logcumsumexp", logcumsumexp(self, dim, ret0));
}
