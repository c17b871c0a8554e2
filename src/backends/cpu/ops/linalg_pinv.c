// SPDX-License-Identifier: Apache-2.0
//
// aten::linalg_pinv.atol_rtol_tensor, by name.
#include <math.h>
#include <string.h>

#include "backends/cpu/kernels/linalg/decompose.h"
#include "backends/cpu/kernels/linalg/lapack.h"
#include "backends/cpu/kernels/linalg/trisolve.h"
#include "ops/boxed.h"

static pt2__op_need_t need = {"aten::linalg_pinv.atol_rtol_tensor",
                              pt2__lapack_missing, NULL};
__attribute__((constructor)) static void register_need(void) {
  pt2__op_need_register(&need);
}

// The arguments.
typedef struct {
  pt2_tensor_t *self, *atol, *rtol;  // the latter two may be NULL
  bool hermitian;
} pinv_t;

static pt2_status_t check_tolerance(const pt2_tensor_t* tolerance,
                                    const char* name) {
  PT2_OP_CHECK(
      tolerance == NULL || !pt2__dtype_is_complex(tolerance->dtype),
      "torch.linalg.pinv: %s tensor of complex type is not supported. Got %s",
      name, pt2__dtype_torch_name(tolerance->dtype));
  return PT2_STATUS_OK;
}

static pt2_status_t check(const pinv_t* pinv) {
  const pt2_tensor_t* self = pinv->self;
  bool fits = self->rank >= 2 &&
              (self->dtype == PT2_DTYPE_F32 || self->dtype == PT2_DTYPE_F64 ||
               self->dtype == PT2_DTYPE_COMPLEX64 ||
               self->dtype == PT2_DTYPE_COMPLEX128);
  char sizes[128];
  PT2_OP_CHECK(
      fits,
      "linalg.pinv(%s%s): expected a tensor with 2 or more dimensions of "
      "float, double, cfloat or cdouble types",
      pt2__dtype_torch_name(self->dtype),
      pt2__sizes_format(self->rank, self->sizes, sizes, sizeof(sizes)));
  PT2_TRY(check_tolerance(pinv->atol, "atol"));
  PT2_TRY(check_tolerance(pinv->rtol, "rtol"));
  return pinv->hermitian && self->numel > 0
             ? pt2__linalg_check_square(self, "linalg.eigh", "A")
             : PT2_STATUS_OK;
}

// Widens |batch| by a tolerance, which has a number for each matrix.
static pt2_status_t widen(const pt2_tensor_t* tolerance, pt2__batch_t* batch) {
  if (tolerance == NULL) {
    return PT2_STATUS_OK;
  }
  int32_t rank = tolerance->rank > batch->rank ? tolerance->rank : batch->rank;
  PT2_OP_CHECK(rank + 2 <= PT2__MAX_RANK, "linalg.pinv: too many dimensions");
  pt2__batch_t wide = {.rank = rank};
  for (int32_t d = 0; d < rank; ++d) {
    int32_t at = d - (rank - batch->rank), other = d - (rank - tolerance->rank);
    int64_t x = at >= 0 ? batch->sizes[at] : 1;
    int64_t y = other >= 0 ? tolerance->sizes[other] : 1;
    PT2_OP_CHECK(x == y || x == 1 || y == 1,
                 "The size of tensor a (%lld) must match the size of tensor b "
                 "(%lld) at non-singleton dimension %d",
                 (long long)x, (long long)y, (int)d);
    wide.sizes[d] = x == 1 ? y : x;
  }
  PT2_OP_CHECK(pt2__sizes_numel(rank, wide.sizes, &wide.count),
               "linalg.pinv: the batch has too many matrices");
  *batch = wide;
  return PT2_STATUS_OK;
}

// |source| (NULL: |otherwise|) as one f64 number for each matrix.
static pt2_status_t spread(const pt2_tensor_t* source,
                           const pt2__batch_t* batch, double otherwise,
                           pt2_tensor_t** out_numbers) {
  pt2_tensor_t* numbers;
  PT2_TRY(pt2__linalg_empty_vector(PT2_DTYPE_F64, batch, -1, &numbers));
  pt2_status_t status = PT2_STATUS_OK;
  if (source != NULL) {
    status = pt2__tensor_copy(numbers, source);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(numbers);
    return status;
  }
  for (int64_t i = 0; source == NULL && i < numbers->numel; ++i) {
    ((double*)numbers->data)[i] = otherwise;
  }
  *out_numbers = numbers;
  return PT2_STATUS_OK;
}

static double maximum(double a, double b) {
  return isnan(a) || isnan(b) ? NAN : a > b ? a : b;
}

// Replaces a matrix' |k| values by their reciprocals, or by 0 up to the
// tolerance.
#define INVERT(name, type)                                                     \
  static void name(type* values, int64_t k, double atol, double rtol,          \
                   bool in_double) {                                           \
    type most = 0;                                                             \
    for (int64_t i = 0; i < k; ++i) {                                          \
      type size = values[i] < 0 ? -values[i] : values[i];                      \
      most = size > most ? size : most;                                        \
    }                                                                          \
    double bound =                                                             \
        in_double ? rtol * (double)most : (double)((float)rtol * (float)most); \
    double tolerance = maximum(atol, bound);                                   \
    for (int64_t i = 0; i < k; ++i) {                                          \
      type size = values[i] < 0 ? -values[i] : values[i];                      \
      values[i] = (double)size > tolerance ? 1 / values[i] : 0;                \
    }                                                                          \
  }
INVERT(invert_f32, float)
INVERT(invert_f64, double)

// |atol| and |rtol| hold a number for each row of |values|.
static void invert(const pinv_t* pinv, pt2_tensor_t* values,
                   const pt2_tensor_t* atol, const pt2_tensor_t* rtol) {
  const int64_t k = values->sizes[values->rank - 1];
  const bool narrow = values->dtype == PT2_DTYPE_F32;
  const int64_t m = pt2__linalg_rows(pinv->self);
  const int64_t n = pt2__linalg_columns(pinv->self);
  const double usual = (narrow ? 0x1p-23 : 0x1p-52) * (double)(m > n ? m : n);
  // PyTorch's own numbers are f64, others are multiplied in their dtype.
  const bool in_double =
      !narrow || pinv->rtol == NULL || pinv->rtol->dtype == PT2_DTYPE_F64;
  for (int64_t i = 0; i < atol->numel; ++i) {
    double absolute = ((const double*)atol->data)[i];
    double relative = pinv->rtol != NULL ? ((const double*)rtol->data)[i]
                      : absolute > 0     ? 0
                                         : usual;
    if (narrow) {
      invert_f32((float*)values->data + i * k, k, absolute, relative,
                 in_double);
    } else {
      invert_f64((double*)values->data + i * k, k, absolute, relative,
                 in_double);
    }
  }
}

// |values| of the decomposed batch as those of |batch|, inverted.
static pt2_status_t inverted(const pinv_t* pinv, const pt2__batch_t* batch,
                             const pt2_tensor_t* values,
                             pt2_tensor_t** out_values) {
  pt2_tensor_t *all, *atol, *rtol;
  PT2_TRY(pt2__linalg_empty_vector(values->dtype, batch,
                                   values->sizes[values->rank - 1], &all));
  pt2_status_t status = pt2__tensor_copy(all, values);
  if (status == PT2_STATUS_OK) {
    status = spread(pinv->atol, batch, 0, &atol);
  }
  if (status == PT2_STATUS_OK) {
    status = spread(pinv->rtol, batch, 0, &rtol);
    if (status == PT2_STATUS_OK) {
      invert(pinv, all, atol, rtol);
      pt2__tensor_release(rtol);
    }
    pt2__tensor_release(atol);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(all);
    return status;
  }
  *out_values = all;
  return PT2_STATUS_OK;
}

// V diag(values) U^H: U's columns are scaled.
static pt2_status_t compose(const pt2__batch_t* batch,
                            const pt2__decomposed_t* parts,
                            const pt2_tensor_t* values, pt2_tensor_t* result) {
  pt2_tensor_t *u, *v;
  PT2_TRY(pt2__linalg_clone(parts->u, batch, &u));
  const pt2_tensor_t* other = parts->vh != NULL ? parts->vh : parts->u;
  pt2_status_t status = pt2__linalg_clone(other, batch, &v);
  if (status == PT2_STATUS_OK) {
    pt2__scale_columns(u, values);
    pt2__conjugate(u->dtype, u->data, u->numel);
    if (parts->vh != NULL) {
      pt2__conjugate(v->dtype, v->data, v->numel);
    }
    status = pt2__multiply_factors((pt2__factor_t){v, parts->vh != NULL},
                                   (pt2__factor_t){u, true}, result);
    pt2__tensor_release(v);
  }
  pt2__tensor_release(u);
  return status;
}

static pt2_status_t fill(const pinv_t* pinv, const pt2__batch_t* batch,
                         pt2_tensor_t* result) {
  if (pinv->self->numel == 0 || result->numel == 0) {
    return PT2_STATUS_OK;
  }
  pt2__decomposed_t parts;
  PT2_TRY(pinv->hermitian ? pt2__decompose_eigh(pinv->self, &parts)
                          : pt2__decompose_svd(pinv->self, &parts));
  pt2_tensor_t* values;
  pt2_status_t status = inverted(pinv, batch, parts.values, &values);
  if (status == PT2_STATUS_OK) {
    status = compose(batch, &parts, values, result);
    pt2__tensor_release(values);
  }
  pt2__decomposed_release(&parts);
  return status;
}

// (Tensor self, *, Tensor? atol, Tensor? rtol, bool hermitian)
static pt2_status_t pinv_of(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pinv_t pinv = {.hermitian = false};
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &pinv.self));
  PT2_TRY(pt2__boxed_optional_tensor(boxed, 1, "atol", &pinv.atol));
  PT2_TRY(pt2__boxed_optional_tensor(boxed, 2, "rtol", &pinv.rtol));
  PT2_TRY(pt2__boxed_bool(boxed, 3, "hermitian", &pinv.hermitian));
  PT2_TRY(check(&pinv));
  pt2__batch_t batch;
  pt2__linalg_batch(pinv.self, &batch);
  if (pinv.self->numel > 0) {
    PT2_TRY(widen(pinv.atol, &batch));
    PT2_TRY(widen(pinv.rtol, &batch));
  }
  int64_t sizes[PT2__MAX_RANK];
  memcpy(sizes, batch.sizes, sizeof(*sizes) * (size_t)batch.rank);
  sizes[batch.rank] = pt2__linalg_columns(pinv.self);
  sizes[batch.rank + 1] = pt2__linalg_rows(pinv.self);
  pt2_tensor_t* result;
  PT2_TRY(pt2__tensor_empty(pinv.self->dtype, batch.rank + 2, sizes, NULL,
                            &result));
  pt2_status_t status = fill(&pinv, &batch, result);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  results[0] = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OVERLOAD(linalg_pinv_atol_rtol_tensor,
                   "aten::linalg_pinv.atol_rtol_tensor", 1, pinv_of)
