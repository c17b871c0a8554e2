// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/linalg/solve.h"

#include <complex.h>
#include <math.h>
#include <string.h>

#include "backends/cpu/kernels/linalg/factor.h"
#include "backends/cpu/kernels/linalg/matrices.h"

void pt2__lu_release(pt2__lu_t* lu) {
  pt2__tensor_release(lu->lu);
  pt2__tensor_release(lu->pivots);
  pt2__tensor_release(lu->info);
}

// A view with the last two dimensions exchanged.
static pt2_status_t transpose(const pt2_tensor_t* a, pt2_tensor_t** out) {
  int64_t sizes[PT2__MAX_RANK], strides[PT2__MAX_RANK];
  const size_t bytes = sizeof(*sizes) * (size_t)a->rank;
  const int32_t row = a->rank - 2, column = a->rank - 1;
  memcpy(sizes, a->sizes, bytes);
  memcpy(strides, a->strides, bytes);
  sizes[row] = a->sizes[column];
  sizes[column] = a->sizes[row];
  strides[row] = a->strides[column];
  strides[column] = a->strides[row];
  return pt2__tensor_view(a, a->rank, sizes, strides, a->storage_offset, out);
}

static pt2_status_t factor(const pt2_tensor_t* a, pt2__lu_t* lu) {
  pt2__batch_t batch;
  pt2__linalg_batch(a, &batch);
  int64_t m = pt2__linalg_rows(a), n = pt2__linalg_columns(a);
  PT2_TRY(pt2__linalg_clone(a, &batch, &lu->lu));
  PT2_TRY(pt2__linalg_empty_vector(PT2_DTYPE_I32, &batch, m < n ? m : n,
                                   &lu->pivots));
  PT2_TRY(pt2__linalg_empty_vector(PT2_DTYPE_I32, &batch, -1, &lu->info));
  return pt2__factor_lu(lu->lu, lu->pivots, lu->info);
}

pt2_status_t pt2__lu_make(const pt2_tensor_t* a, bool may_transpose,
                          pt2__lu_t* out_lu) {
  *out_lu = (pt2__lu_t){.transposed = may_transpose &&
                                      !pt2__dtype_is_complex(a->dtype) &&
                                      pt2__tensor_is_contiguous(a)};
  pt2_status_t status;
  if (out_lu->transposed) {
    pt2_tensor_t* view;
    PT2_TRY(transpose(a, &view));
    status = factor(view, out_lu);
    pt2__tensor_release(view);
  } else {
    status = factor(a, out_lu);
  }
  if (status != PT2_STATUS_OK) {
    pt2__lu_release(out_lu);
  }
  return status;
}

// ---- Solving ---------------------------------------------------------------

static bool is_batch_of(const pt2_tensor_t* a, const pt2__batch_t* batch) {
  bool same = a->rank - 2 == batch->rank;
  for (int32_t d = 0; same && d < batch->rank; ++d) {
    same = a->sizes[d] == batch->sizes[d];
  }
  return same;
}

// |pivots| for each matrix of |batch|.
static pt2_status_t broadcast_pivots(const pt2_tensor_t* pivots,
                                     const pt2__batch_t* batch,
                                     pt2_tensor_t** out) {
  PT2_TRY(pt2__linalg_empty_vector(PT2_DTYPE_I32, batch,
                                   pivots->sizes[pivots->rank - 1], out));
  pt2_status_t status = pt2__tensor_copy(*out, pivots);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(*out);
  }
  return status;
}

static pt2_status_t solve_broadcast(const pt2__lu_t* lu,
                                    const pt2__batch_t* batch, bool transposed,
                                    pt2_tensor_t* result, int64_t columns) {
  if (is_batch_of(lu->lu, batch)) {
    return pt2__factor_lu_solve(lu->lu, lu->pivots, transposed, result->data,
                                columns);
  }
  pt2_tensor_t *factors, *pivots;
  PT2_TRY(pt2__linalg_clone(lu->lu, batch, &factors));
  pt2_status_t status = broadcast_pivots(lu->pivots, batch, &pivots);
  if (status == PT2_STATUS_OK) {
    status = pt2__factor_lu_solve(factors, pivots, transposed, result->data,
                                  columns);
    pt2__tensor_release(pivots);
  }
  pt2__tensor_release(factors);
  return status;
}

pt2_status_t pt2__lu_solve(const pt2__lu_t* lu, const pt2_tensor_t* b,
                           bool left, pt2_tensor_t** out_result) {
  pt2__batch_t batch;
  PT2_TRY(pt2__linalg_broadcast(b, lu->lu, &batch));
  int64_t rows = pt2__linalg_rows(b), columns = pt2__linalg_columns(b);
  pt2_tensor_t* result;
  pt2_status_t status = PT2_STATUS_OK;
  if (left) {
    PT2_TRY(pt2__linalg_clone(b, &batch, &result));
  } else {
    // Row by row, x is x^T column by column: A^T x^T = b^T.
    int64_t sizes[PT2__MAX_RANK];
    memcpy(sizes, batch.sizes, sizeof(*sizes) * (size_t)batch.rank);
    sizes[batch.rank] = rows;
    sizes[batch.rank + 1] = columns;
    PT2_TRY(pt2__tensor_empty(b->dtype, batch.rank + 2, sizes, NULL, &result));
    status = pt2__tensor_copy(result, b);
  }
  if (status == PT2_STATUS_OK) {
    status = solve_broadcast(lu, &batch, lu->transposed == left, result,
                             left ? columns : rows);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

// ---- Determinants ----------------------------------------------------------

static bool odd_permutation(const int32_t* pivots, int64_t n) {
  bool odd = false;
  for (int64_t i = 0; i < n; ++i) {
    odd = odd != (pivots[i] != i + 1);
  }
  return odd;
}

// Products in the dtype itself: they must overflow where PyTorch's do.
#define DETERMINANT(suffix, type, wide, ABS, LOG)                              \
  static void determinant_##suffix(const type* a, const int32_t* pivots,       \
                                   int64_t n, type* out_sign, wide* out_log) { \
    type product = odd_permutation(pivots, n) ? -1 : 1;                        \
    wide sum = 0;                                                              \
    for (int64_t i = 0; i < n; ++i) {                                          \
      type pivot = a[i * (n + 1)];                                             \
      if (out_log == NULL) {                                                   \
        product *= pivot;                                                      \
        continue;                                                              \
      }                                                                        \
      wide size = ABS(pivot);                                                  \
      sum += LOG(size);                                                        \
      product *= size == 0 ? 0 : pivot / size;                                 \
    }                                                                          \
    *out_sign = product;                                                       \
    if (out_log != NULL) {                                                     \
      *out_log = sum;                                                          \
    }                                                                          \
  }
DETERMINANT(f32, float, float, fabsf, logf)
DETERMINANT(f64, double, double, fabs, log)
DETERMINANT(c64, float complex, float, cabsf, logf)
DETERMINANT(c128, double complex, double, cabs, log)

static void determinants(const pt2__lu_t* lu, pt2_tensor_t* sign,
                         pt2_tensor_t* logs) {
  const int64_t n = pt2__linalg_columns(lu->lu);
  void* log_data = logs != NULL ? logs->data : NULL;
#define EACH(suffix, type, wide)                                         \
  for (int64_t i = 0; i < sign->numel; ++i) {                            \
    determinant_##suffix((const type*)lu->lu->data + i * n * n,          \
                         (const int32_t*)lu->pivots->data + i * n, n,    \
                         (type*)sign->data + i,                          \
                         log_data != NULL ? (wide*)log_data + i : NULL); \
  }
  switch (sign->dtype) {
    case PT2_DTYPE_F32:
      EACH(f32, float, float)
      break;
    case PT2_DTYPE_F64:
      EACH(f64, double, double)
      break;
    case PT2_DTYPE_COMPLEX64:
      EACH(c64, float complex, float)
      break;
    default:
      EACH(c128, double complex, double)
  }
#undef EACH
}

static pt2_status_t find_determinants(const pt2__lu_t* lu,
                                      pt2_tensor_t** out_sign,
                                      pt2_tensor_t** out_log) {
  pt2__batch_t batch;
  pt2__linalg_batch(lu->lu, &batch);
  pt2_tensor_t *sign, *logs = NULL;
  PT2_TRY(pt2__linalg_empty_vector(lu->lu->dtype, &batch, -1, &sign));
  if (out_log != NULL) {
    pt2_status_t status = pt2__linalg_empty_vector(
        pt2__dtype_real(lu->lu->dtype), &batch, -1, &logs);
    if (status != PT2_STATUS_OK) {
      pt2__tensor_release(sign);
      return status;
    }
    *out_log = logs;
  }
  determinants(lu, sign, logs);
  *out_sign = sign;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__lu_of_determinant(const pt2_tensor_t* a, const char* name,
                                    pt2_tensor_t** out_sign,
                                    pt2_tensor_t** out_log,
                                    pt2_tensor_t** out_lu,
                                    pt2_tensor_t** out_pivots) {
  PT2_TRY(pt2__linalg_check_square(a, name, "A"));
  PT2_TRY(pt2__linalg_check_dtype(a, name));
  pt2__lu_t lu;
  PT2_TRY(pt2__lu_make(a, true, &lu));
  pt2_status_t status = find_determinants(&lu, out_sign, out_log);
  if (status == PT2_STATUS_OK) {
    *out_lu = lu.lu;
    *out_pivots = lu.pivots;
    lu.lu = lu.pivots = NULL;
  }
  pt2__lu_release(&lu);
  return status;
}
