// SPDX-License-Identifier: Apache-2.0
//
// LU after S. Toledo, Locality of reference in LU decomposition with partial
// pivoting (1997).
#include "backends/cpu/kernels/linalg/lu.h"

#include <string.h>

#include "backends/cpu/kernels/linalg/triangles.h"
#include "base/memory.h"
#include "pt2/tensor.h"

// Columns of a panel, and rows of a triangle, that are factored directly.
#define PANEL 8
#define TRIANGLE PT2__TRIANGLES_CHOLESKY
// Rows of a symmetric product that are computed at once.
#define STRIPE 64

// c -= a b
static pt2_status_t subtract_product(int32_t dtype, int64_t m, int64_t n,
                                     int64_t k, pt2__matrix_t a,
                                     pt2__matrix_t b, pt2__matrix_t c) {
  return pt2__matrix_product(dtype, m, n, k, -1, a, b, 1, c);
}

// ---- LU --------------------------------------------------------------------

// Exchanges rows as |count| pivots say, backwards if |undo|.
#define EXCHANGE_ROWS(bits, type)                                     \
  static void exchange_##bits(type* at, int64_t row, int64_t column,  \
                              int64_t columns, const int32_t* pivots, \
                              int64_t count, bool undo) {             \
    for (int64_t j = 0; j < columns; ++j, at += column) {             \
      for (int64_t step = 0; step < count; ++step) {                  \
        int64_t i = undo ? count - 1 - step : step;                   \
        int64_t other = pivots[i] - 1;                                \
        type kept = at[i * row];                                      \
        at[i * row] = at[other * row];                                \
        at[other * row] = kept;                                       \
      }                                                               \
    }                                                                 \
  }
typedef struct {
  double parts[2];
} pair_t;
EXCHANGE_ROWS(32, float)
EXCHANGE_ROWS(64, double)
EXCHANGE_ROWS(128, pair_t)

static void exchange_rows(int32_t dtype, pt2__matrix_t a, int64_t columns,
                          const int32_t* pivots, int64_t count, bool undo) {
  switch (pt2_dtype_size_bytes(dtype)) {
    case 4:
      exchange_32(a.data, a.rs, a.cs, columns, pivots, count, undo);
      break;
    case 8:
      exchange_64(a.data, a.rs, a.cs, columns, pivots, count, undo);
      break;
    default:
      exchange_128(a.data, a.rs, a.cs, columns, pivots, count, undo);
  }
}

static pt2_status_t solve_unit_lower(int32_t dtype, int64_t n, pt2__matrix_t l,
                                     pt2__matrix_t b, int64_t columns) {
  const pt2__trisolve_t solve = {
      .dtype = dtype, .n = n, .columns = columns, .unit = true};
  return pt2__trisolve(&solve, l, b);
}

// m >= n. The depth of the recursion is the logarithm of n.
static pt2_status_t factor_tall(int32_t dtype, int64_t m, int64_t n,
                                pt2__matrix_t a, int32_t* pivots,
                                int32_t* info) {
  if (n <= PANEL) {
    pt2__triangles(dtype)->panel(m, n, a.data, a.cs, pivots, info);
    return PT2_STATUS_OK;
  }
  const int64_t left = (n / 2 + PANEL - 1) / PANEL * PANEL, right = n - left;
  pt2__matrix_t a12 = pt2__matrix_block(dtype, a, 0, left);
  pt2__matrix_t a21 = pt2__matrix_block(dtype, a, left, 0);
  pt2__matrix_t a22 = pt2__matrix_block(dtype, a, left, left);
  PT2_TRY(factor_tall(dtype, m, left, a, pivots, info));
  exchange_rows(dtype, a12, right, pivots, left, false);
  PT2_TRY(solve_unit_lower(dtype, left, a, a12, right));
  PT2_TRY(subtract_product(dtype, m - left, right, left, a21, a12, a22));
  int32_t rest = 0;
  PT2_TRY(factor_tall(dtype, m - left, right, a22, pivots + left, &rest));
  if (*info == 0 && rest != 0) {
    *info = rest + (int32_t)left;
  }
  exchange_rows(dtype, a21, left, pivots + left, right, false);
  for (int64_t i = 0; i < right; ++i) {
    pivots[left + i] += (int32_t)left;
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__lu_factor(int32_t dtype, int64_t m, int64_t n,
                            pt2__matrix_t a, int32_t* pivots,
                            int32_t* out_info) {
  const int64_t k = m < n ? m : n;
  *out_info = 0;
  PT2_TRY(factor_tall(dtype, m, k, a, pivots, out_info));
  if (n > k) {
    pt2__matrix_t rest = pt2__matrix_block(dtype, a, 0, k);
    exchange_rows(dtype, rest, n - k, pivots, k, false);
    PT2_TRY(solve_unit_lower(dtype, k, a, rest, n - k));
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__lu_apply(int32_t dtype, int64_t n, pt2__matrix_t lu,
                           const int32_t* pivots, bool transpose,
                           pt2__matrix_t b, int64_t columns) {
  const pt2__triangles_t* kernels = pt2__triangles(dtype);
  if (n <= PT2__TRIANGLES_APPLY && kernels->apply != NULL && lu.cs == n &&
      b.rs == 1) {
    kernels->apply(n, lu.data, pivots, transpose, b.data, b.cs, columns);
    return PT2_STATUS_OK;
  }
  pt2__trisolve_t solve = {.dtype = dtype, .n = n, .columns = columns};
  if (!transpose) {
    exchange_rows(dtype, b, columns, pivots, n, false);
    PT2_TRY(solve_unit_lower(dtype, n, lu, b, columns));
    solve.upper = true;
    return pt2__trisolve(&solve, lu, b);
  }
  PT2_TRY(pt2__trisolve(&solve, pt2__matrix_transposed(lu), b));
  solve.upper = true;
  solve.unit = true;
  PT2_TRY(pt2__trisolve(&solve, pt2__matrix_transposed(lu), b));
  exchange_rows(dtype, b, columns, pivots, n, true);
  return PT2_STATUS_OK;
}

// ---- Cholesky --------------------------------------------------------------

// Conjugates |a|; |copy|, if not NULL, gets what it was, transposed.
#define CONJUGATE(suffix, real)                                             \
  static void conjugate_##suffix(int64_t m, int64_t n, real* a, int64_t rs, \
                                 int64_t cs, real* copy) {                  \
    for (int64_t j = 0; j < n; ++j) {                                       \
      for (int64_t i = 0; i < m; ++i) {                                     \
        real* at = a + 2 * (i * rs + j * cs);                               \
        if (copy != NULL) {                                                 \
          copy[2 * (j * m + i)] = at[0];                                    \
          copy[2 * (j * m + i) + 1] = at[1];                                \
        }                                                                   \
        at[1] = -at[1];                                                     \
      }                                                                     \
    }                                                                       \
  }
CONJUGATE(c64, float)
CONJUGATE(c128, double)

static void conjugate_block(int32_t dtype, int64_t m, int64_t n,
                            pt2__matrix_t a, void* copy) {
  if (dtype == PT2_DTYPE_COMPLEX64) {
    conjugate_c64(m, n, a.data, a.rs, a.cs, copy);
  } else if (dtype == PT2_DTYPE_COMPLEX128) {
    conjugate_c128(m, n, a.data, a.rs, a.cs, copy);
  }
}

// c -= x x^H for its lower triangle, c m x m and x m x k; |y| is x^H.
static pt2_status_t subtract_square(int32_t dtype, int64_t m, int64_t k,
                                    pt2__matrix_t x, pt2__matrix_t y,
                                    pt2__matrix_t c) {
  for (int64_t first = 0; first < m; first += STRIPE) {
    int64_t rows = m - first < STRIPE ? m - first : STRIPE;
    PT2_TRY(subtract_product(dtype, rows, first + rows, k,
                             pt2__matrix_block(dtype, x, first, 0), y,
                             pt2__matrix_block(dtype, c, first, 0)));
  }
  return PT2_STATUS_OK;
}

// The rows below a factored triangle |l| of n: x l^H = |x|, then what they take
// from the triangle |c| to their right.
static pt2_status_t eliminate(int32_t dtype, int64_t m, int64_t n,
                              pt2__matrix_t l, pt2__matrix_t x,
                              pt2__matrix_t c) {
  const pt2__trisolve_t solve = {.dtype = dtype, .n = n, .columns = m};
  // l conj(x^T) = conj(a^T)
  conjugate_block(dtype, m, n, x, NULL);
  PT2_TRY(pt2__trisolve(&solve, l, pt2__matrix_transposed(x)));
  if (dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64) {
    return subtract_square(dtype, m, n, x, pt2__matrix_transposed(x), c);
  }
  size_t bytes = (size_t)(m * n) * pt2_dtype_size_bytes(dtype);
  pt2__matrix_t adjoint = {pt2__pool_alloc(bytes), m, 1};
  if (adjoint.data == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  conjugate_block(dtype, m, n, x, adjoint.data);
  pt2_status_t status = subtract_square(dtype, m, n, x, adjoint, c);
  pt2__pool_free(adjoint.data, bytes);
  return status;
}

pt2_status_t pt2__cholesky_factor(int32_t dtype, int64_t n, pt2__matrix_t a,
                                  int32_t* out_info) {
  if (n <= TRIANGLE) {
    *out_info = pt2__triangles(dtype)->cholesky(n, a.data, a.rs, a.cs);
    return PT2_STATUS_OK;
  }
  const int64_t first = (n / 2 + TRIANGLE - 1) / TRIANGLE * TRIANGLE;
  pt2__matrix_t rest = pt2__matrix_block(dtype, a, first, first);
  PT2_TRY(pt2__cholesky_factor(dtype, first, a, out_info));
  if (*out_info != 0) {
    return PT2_STATUS_OK;
  }
  PT2_TRY(eliminate(dtype, n - first, first, a,
                    pt2__matrix_block(dtype, a, first, 0), rest));
  PT2_TRY(pt2__cholesky_factor(dtype, n - first, rest, out_info));
  *out_info += *out_info != 0 ? (int32_t)first : 0;
  return PT2_STATUS_OK;
}
