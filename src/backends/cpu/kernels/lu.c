// SPDX-License-Identifier: Apache-2.0
//
// LU after S. Toledo, Locality of reference in LU decomposition with partial
// pivoting (1997).
#include "backends/cpu/kernels/lu.h"

#include <math.h>
#include <string.h>

#include "backends/cpu/kernels/gemm.h"
#include "base/memory.h"
#include "pt2/tensor.h"

// Columns of a panel, and rows of a triangle, that are factored directly.
#define PANEL 8
#define TRIANGLE 16
// Rows of a symmetric product that are computed at once.
#define STRIPE 64

static pt2__matrix_t block(int32_t dtype, pt2__matrix_t a, int64_t row,
                           int64_t column) {
  a.data = (char*)a.data +
           (row * a.rs + column * a.cs) * (int64_t)pt2_dtype_size_bytes(dtype);
  return a;
}

// c -= a b
static pt2_status_t subtract_product(int32_t dtype, int64_t m, int64_t n,
                                     int64_t k, pt2__matrix_t a,
                                     pt2__matrix_t b, pt2__matrix_t c) {
  if (m == 0 || n == 0 || k == 0) {
    return PT2_STATUS_OK;
  }
  const pt2__gemm_t gemm = {.dtype = dtype,
                            .batch = 1,
                            .m = m,
                            .n = n,
                            .k = k,
                            .alpha = -1,
                            .beta = 1,
                            .a = {a.data, 0, a.rs, a.cs},
                            .b = {b.data, 0, b.rs, b.cs},
                            .source = {c.data, 0, c.rs, c.cs},
                            .c = c.data,
                            .c_rs = c.rs,
                            .c_cs = c.cs};
  return pt2__gemm(&gemm);
}

// ---- Panels ----------------------------------------------------------------

// LAPACK's rules: the largest pivot, by |re| + |im| for complex numbers, the
// first of equal ones; a column of zeros is left as it is.
#define PANEL_REAL(suffix, real, ABS)                                   \
  static void panel_##suffix(int64_t m, int64_t n, real* a, int64_t cs, \
                             int32_t* pivots, int32_t* info) {          \
    for (int64_t j = 0; j < n; ++j) {                                   \
      real* column = a + j * cs;                                        \
      int64_t best = j;                                                 \
      for (int64_t i = j + 1; i < m; ++i) {                             \
        best = ABS(column[i]) > ABS(column[best]) ? i : best;           \
      }                                                                 \
      pivots[j] = (int32_t)best + 1;                                    \
      if (column[best] == 0) {                                          \
        *info = *info == 0 ? (int32_t)j + 1 : *info;                    \
        continue;                                                       \
      }                                                                 \
      for (int64_t c = 0; c < n && best != j; ++c) {                    \
        real other = a[j + c * cs];                                     \
        a[j + c * cs] = a[best + c * cs];                               \
        a[best + c * cs] = other;                                       \
      }                                                                 \
      real pivot = column[j];                                           \
      for (int64_t i = j + 1; i < m; ++i) {                             \
        column[i] /= pivot;                                             \
      }                                                                 \
      for (int64_t c = j + 1; c < n; ++c) {                             \
        real factor = a[j + c * cs];                                    \
        real* target = a + c * cs;                                      \
        for (int64_t i = j + 1; i < m; ++i) {                           \
          target[i] -= factor * column[i];                              \
        }                                                               \
      }                                                                 \
    }                                                                   \
  }
PANEL_REAL(f32, float, fabsf)
PANEL_REAL(f64, double, fabs)

#define PANEL_COMPLEX(suffix, real, ABS)                                    \
  static void panel_##suffix(int64_t m, int64_t n, real* a, int64_t cs,     \
                             int32_t* pivots, int32_t* info) {              \
    for (int64_t j = 0; j < n; ++j) {                                       \
      real* column = a + 2 * j * cs;                                        \
      int64_t best = j;                                                     \
      real most = ABS(column[2 * j]) + ABS(column[2 * j + 1]);              \
      for (int64_t i = j + 1; i < m; ++i) {                                 \
        real size = ABS(column[2 * i]) + ABS(column[2 * i + 1]);            \
        best = size > most ? i : best;                                      \
        most = size > most ? size : most;                                   \
      }                                                                     \
      pivots[j] = (int32_t)best + 1;                                        \
      if (most == 0) {                                                      \
        *info = *info == 0 ? (int32_t)j + 1 : *info;                        \
        continue;                                                           \
      }                                                                     \
      for (int64_t c = 0; c < 2 * n && best != j; ++c) {                    \
        real* place = a + 2 * (c / 2 * cs) + c % 2;                         \
        real other = place[2 * j];                                          \
        place[2 * j] = place[2 * best];                                     \
        place[2 * best] = other;                                            \
      }                                                                     \
      /* The reciprocal, scaled so that it does not overflow halfway. */    \
      real re = column[2 * j], im = column[2 * j + 1];                      \
      bool wide = ABS(re) >= ABS(im);                                       \
      real ratio = wide ? im / re : re / im;                                \
      real whole = wide ? re + im * ratio : im + re * ratio;                \
      real pr = (wide ? 1 : ratio) / whole;                                 \
      real pi = -(wide ? ratio : 1) / whole;                                \
      for (int64_t i = j + 1; i < m; ++i) {                                 \
        real x = column[2 * i], y = column[2 * i + 1];                      \
        column[2 * i] = x * pr - y * pi;                                    \
        column[2 * i + 1] = x * pi + y * pr;                                \
      }                                                                     \
      for (int64_t c = j + 1; c < n; ++c) {                                 \
        real* target = a + 2 * c * cs;                                      \
        real fr = target[2 * j], fi = target[2 * j + 1];                    \
        for (int64_t i = j + 1; i < m; ++i) {                               \
          target[2 * i] -= fr * column[2 * i] - fi * column[2 * i + 1];     \
          target[2 * i + 1] -= fr * column[2 * i + 1] + fi * column[2 * i]; \
        }                                                                   \
      }                                                                     \
    }                                                                       \
  }
PANEL_COMPLEX(c64, float, fabsf)
PANEL_COMPLEX(c128, double, fabs)

static void factor_panel(int32_t dtype, int64_t m, int64_t n, pt2__matrix_t a,
                         int32_t* pivots, int32_t* info) {
  switch (dtype) {
    case PT2_DTYPE_F32:
      panel_f32(m, n, a.data, a.cs, pivots, info);
      break;
    case PT2_DTYPE_F64:
      panel_f64(m, n, a.data, a.cs, pivots, info);
      break;
    case PT2_DTYPE_COMPLEX64:
      panel_c64(m, n, a.data, a.cs, pivots, info);
      break;
    default:
      panel_c128(m, n, a.data, a.cs, pivots, info);
  }
}

// ---- LU --------------------------------------------------------------------

static void exchange(char* a, char* b, size_t bytes) {
  char kept[16];
  memcpy(kept, a, bytes);
  memcpy(a, b, bytes);
  memcpy(b, kept, bytes);
}

// Exchanges rows as |count| pivots say, backwards if |undo|.
static void exchange_rows(int32_t dtype, pt2__matrix_t a, int64_t columns,
                          const int32_t* pivots, int64_t count, bool undo) {
  const size_t bytes = pt2_dtype_size_bytes(dtype);
  const int64_t row = a.rs * (int64_t)bytes, column = a.cs * (int64_t)bytes;
  for (int64_t j = 0; j < columns; ++j) {
    char* at = (char*)a.data + j * column;
    for (int64_t step = 0; step < count; ++step) {
      int64_t i = undo ? count - 1 - step : step;
      int64_t other = pivots[i] - 1;
      if (other != i) {
        exchange(at + i * row, at + other * row, bytes);
      }
    }
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
    factor_panel(dtype, m, n, a, pivots, info);
    return PT2_STATUS_OK;
  }
  const int64_t left = (n / 2 + PANEL - 1) / PANEL * PANEL, right = n - left;
  pt2__matrix_t a12 = block(dtype, a, 0, left);
  pt2__matrix_t a21 = block(dtype, a, left, 0);
  pt2__matrix_t a22 = block(dtype, a, left, left);
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
    pt2__matrix_t rest = block(dtype, a, 0, k);
    exchange_rows(dtype, rest, n - k, pivots, k, false);
    PT2_TRY(solve_unit_lower(dtype, k, a, rest, n - k));
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__lu_apply(int32_t dtype, int64_t n, pt2__matrix_t lu,
                           const int32_t* pivots, bool transpose,
                           pt2__matrix_t b, int64_t columns) {
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

#define TRIANGLE_REAL(suffix, real, SQRT)                          \
  static int32_t triangle_##suffix(int64_t n, real* a, int64_t rs, \
                                   int64_t cs) {                   \
    for (int64_t j = 0; j < n; ++j) {                              \
      real square = a[j * (rs + cs)];                              \
      for (int64_t k = 0; k < j; ++k) {                            \
        square -= a[j * rs + k * cs] * a[j * rs + k * cs];         \
      }                                                            \
      if (!(square > 0)) {                                         \
        a[j * (rs + cs)] = square;                                 \
        return (int32_t)j + 1;                                     \
      }                                                            \
      real pivot = SQRT(square);                                   \
      a[j * (rs + cs)] = pivot;                                    \
      for (int64_t i = j + 1; i < n; ++i) {                        \
        real sum = a[i * rs + j * cs];                             \
        for (int64_t k = 0; k < j; ++k) {                          \
          sum -= a[i * rs + k * cs] * a[j * rs + k * cs];          \
        }                                                          \
        a[i * rs + j * cs] = sum / pivot;                          \
      }                                                            \
    }                                                              \
    return 0;                                                      \
  }
TRIANGLE_REAL(f32, float, sqrtf)
TRIANGLE_REAL(f64, double, sqrt)

#define TRIANGLE_COMPLEX(suffix, real, SQRT)                       \
  static int32_t triangle_##suffix(int64_t n, real* a, int64_t rs, \
                                   int64_t cs) {                   \
    for (int64_t j = 0; j < n; ++j) {                              \
      real* diagonal = a + 2 * j * (rs + cs);                      \
      real square = diagonal[0];                                   \
      for (int64_t k = 0; k < j; ++k) {                            \
        const real* x = a + 2 * (j * rs + k * cs);                 \
        square -= x[0] * x[0] + x[1] * x[1];                       \
      }                                                            \
      diagonal[0] = square;                                        \
      diagonal[1] = 0;                                             \
      if (!(square > 0)) {                                         \
        return (int32_t)j + 1;                                     \
      }                                                            \
      real pivot = SQRT(square);                                   \
      diagonal[0] = pivot;                                         \
      for (int64_t i = j + 1; i < n; ++i) {                        \
        real* target = a + 2 * (i * rs + j * cs);                  \
        real re = target[0], im = target[1];                       \
        for (int64_t k = 0; k < j; ++k) {                          \
          const real* x = a + 2 * (i * rs + k * cs);               \
          const real* y = a + 2 * (j * rs + k * cs);               \
          re -= x[0] * y[0] + x[1] * y[1];                         \
          im -= x[1] * y[0] - x[0] * y[1];                         \
        }                                                          \
        target[0] = re / pivot;                                    \
        target[1] = im / pivot;                                    \
      }                                                            \
    }                                                              \
    return 0;                                                      \
  }
TRIANGLE_COMPLEX(c64, float, sqrtf)
TRIANGLE_COMPLEX(c128, double, sqrt)

static int32_t factor_triangle(int32_t dtype, int64_t n, pt2__matrix_t a) {
  switch (dtype) {
    case PT2_DTYPE_F32:
      return triangle_f32(n, a.data, a.rs, a.cs);
    case PT2_DTYPE_F64:
      return triangle_f64(n, a.data, a.rs, a.cs);
    case PT2_DTYPE_COMPLEX64:
      return triangle_c64(n, a.data, a.rs, a.cs);
    default:
      return triangle_c128(n, a.data, a.rs, a.cs);
  }
}

static void conjugate_block(int32_t dtype, int64_t m, int64_t n,
                            pt2__matrix_t a) {
  if (dtype != PT2_DTYPE_COMPLEX64 && dtype != PT2_DTYPE_COMPLEX128) {
    return;
  }
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      pt2__conjugate(dtype, block(dtype, a, i, j).data, 1);
    }
  }
}

// c -= x x^H for its lower triangle, c m x m and x m x k; |y| is x^H.
static pt2_status_t subtract_square(int32_t dtype, int64_t m, int64_t k,
                                    pt2__matrix_t x, pt2__matrix_t y,
                                    pt2__matrix_t c) {
  for (int64_t first = 0; first < m; first += STRIPE) {
    int64_t rows = m - first < STRIPE ? m - first : STRIPE;
    PT2_TRY(subtract_product(dtype, rows, first + rows, k,
                             block(dtype, x, first, 0), y,
                             block(dtype, c, first, 0)));
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
  conjugate_block(dtype, m, n, x);
  PT2_TRY(pt2__trisolve(&solve, l, pt2__matrix_transposed(x)));
  if (dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64) {
    return subtract_square(dtype, m, n, x, pt2__matrix_transposed(x), c);
  }
  size_t bytes = (size_t)(m * n) * pt2_dtype_size_bytes(dtype);
  pt2__matrix_t adjoint = {pt2__pool_alloc(bytes), 1, n};
  if (adjoint.data == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      memcpy(block(dtype, adjoint, j, i).data, block(dtype, x, i, j).data,
             pt2_dtype_size_bytes(dtype));
    }
  }
  conjugate_block(dtype, m, n, x);
  pt2_status_t status = subtract_square(dtype, m, n, x, adjoint, c);
  pt2__pool_free(adjoint.data, bytes);
  return status;
}

pt2_status_t pt2__cholesky_factor(int32_t dtype, int64_t n, pt2__matrix_t a,
                                  int32_t* out_info) {
  if (n <= TRIANGLE) {
    *out_info = factor_triangle(dtype, n, a);
    return PT2_STATUS_OK;
  }
  const int64_t first = (n / 2 + TRIANGLE - 1) / TRIANGLE * TRIANGLE;
  pt2__matrix_t rest = block(dtype, a, first, first);
  PT2_TRY(pt2__cholesky_factor(dtype, first, a, out_info));
  if (*out_info != 0) {
    return PT2_STATUS_OK;
  }
  PT2_TRY(
      eliminate(dtype, n - first, first, a, block(dtype, a, first, 0), rest));
  PT2_TRY(pt2__cholesky_factor(dtype, n - first, rest, out_info));
  *out_info += *out_info != 0 ? (int32_t)first : 0;
  return PT2_STATUS_OK;
}
