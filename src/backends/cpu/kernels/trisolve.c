// SPDX-License-Identifier: Apache-2.0
//
// Blocks of rows: what the solved rows contribute is a matrix product, and the
// block on the diagonal is solved for many right sides side by side.
#include "backends/cpu/kernels/trisolve.h"

#include "backends/cpu/kernels/gemm.h"
#include "base/memory.h"
#include "pt2/tensor.h"

// Rows of a block, and right sides that are solved at once.
#define ROWS 32
#define WIDTH 32

static size_t element_bytes(int32_t dtype) {
  return pt2_dtype_size_bytes(dtype);
}

static char* element(const pt2__matrix_t* matrix, int32_t dtype, int64_t row,
                     int64_t column) {
  return (char*)matrix->data + (row * matrix->rs + column * matrix->cs) *
                                   (int64_t)element_bytes(dtype);
}

// One right side, where it lies: small systems are mostly of that kind.
#define SOLVE_ONE(suffix, real)                                               \
  static void solve_one_##suffix(const pt2__trisolve_t* solve, const real* a, \
                                 int64_t rs, int64_t cs, real* b,             \
                                 int64_t b_rs, int64_t rows) {                \
    for (int64_t step = 0; step < rows; ++step) {                             \
      int64_t i = solve->upper ? rows - 1 - step : step;                      \
      int64_t first = solve->upper ? i + 1 : 0;                               \
      int64_t last = solve->upper ? rows : i;                                 \
      real x = b[i * b_rs];                                                   \
      for (int64_t k = first; k < last; ++k) {                                \
        x -= a[i * rs + k * cs] * b[k * b_rs];                                \
      }                                                                       \
      b[i * b_rs] = solve->unit ? x : x / a[i * (rs + cs)];                   \
    }                                                                         \
  }
SOLVE_ONE(f32, float)
SOLVE_ONE(f64, double)

// The block of |rows| rows and |count| <= WIDTH right sides, on a copy that
// holds the right sides next to each other.
#define SOLVE_REAL(suffix, real)                                            \
  static void solve_##suffix(const pt2__trisolve_t* solve, const real* a,   \
                             int64_t rs, int64_t cs, real* b, int64_t b_rs, \
                             int64_t b_cs, int64_t rows, int64_t count) {   \
    if (count == 1) {                                                       \
      solve_one_##suffix(solve, a, rs, cs, b, b_rs, rows);                  \
      return;                                                               \
    }                                                                       \
    real x[ROWS][WIDTH];                                                    \
    for (int64_t j = 0; j < count; ++j) {                                   \
      for (int64_t i = 0; i < rows; ++i) {                                  \
        x[i][j] = b[i * b_rs + j * b_cs];                                   \
      }                                                                     \
    }                                                                       \
    for (int64_t step = 0; step < rows; ++step) {                           \
      int64_t i = solve->upper ? rows - 1 - step : step;                    \
      int64_t first = solve->upper ? i + 1 : 0;                             \
      int64_t last = solve->upper ? rows : i;                               \
      for (int64_t k = first; k < last; ++k) {                              \
        real factor = a[i * rs + k * cs];                                   \
        for (int64_t j = 0; j < count; ++j) {                               \
          x[i][j] -= factor * x[k][j];                                      \
        }                                                                   \
      }                                                                     \
      if (!solve->unit) {                                                   \
        real pivot = a[i * (rs + cs)];                                      \
        for (int64_t j = 0; j < count; ++j) {                               \
          x[i][j] /= pivot;                                                 \
        }                                                                   \
      }                                                                     \
    }                                                                       \
    for (int64_t j = 0; j < count; ++j) {                                   \
      for (int64_t i = 0; i < rows; ++i) {                                  \
        b[i * b_rs + j * b_cs] = x[i][j];                                   \
      }                                                                     \
    }                                                                       \
  }
SOLVE_REAL(f32, float)
SOLVE_REAL(f64, double)

// 1 / (re + i im) by Smith's scaling, which does not overflow halfway.
#define SOLVE_COMPLEX(suffix, real)                                         \
  static void reciprocal_##suffix(const real* z, real* out) {               \
    real re = z[0], im = z[1];                                              \
    real size_re = re < 0 ? -re : re, size_im = im < 0 ? -im : im;          \
    if (size_re >= size_im) {                                               \
      real ratio = im / re, whole = re + im * ratio;                        \
      out[0] = 1 / whole;                                                   \
      out[1] = -ratio / whole;                                              \
    } else {                                                                \
      real ratio = re / im, whole = im + re * ratio;                        \
      out[0] = ratio / whole;                                               \
      out[1] = -1 / whole;                                                  \
    }                                                                       \
  }                                                                         \
  static void solve_##suffix(const pt2__trisolve_t* solve, const real* a,   \
                             int64_t rs, int64_t cs, real* b, int64_t b_rs, \
                             int64_t b_cs, int64_t rows, int64_t count) {   \
    real re[ROWS][WIDTH], im[ROWS][WIDTH];                                  \
    for (int64_t j = 0; j < count; ++j) {                                   \
      for (int64_t i = 0; i < rows; ++i) {                                  \
        re[i][j] = b[2 * (i * b_rs + j * b_cs)];                            \
        im[i][j] = b[2 * (i * b_rs + j * b_cs) + 1];                        \
      }                                                                     \
    }                                                                       \
    for (int64_t step = 0; step < rows; ++step) {                           \
      int64_t i = solve->upper ? rows - 1 - step : step;                    \
      int64_t first = solve->upper ? i + 1 : 0;                             \
      int64_t last = solve->upper ? rows : i;                               \
      for (int64_t k = first; k < last; ++k) {                              \
        const real* factor = a + 2 * (i * rs + k * cs);                     \
        real fr = factor[0], fi = factor[1];                                \
        for (int64_t j = 0; j < count; ++j) {                               \
          re[i][j] -= fr * re[k][j] - fi * im[k][j];                        \
          im[i][j] -= fr * im[k][j] + fi * re[k][j];                        \
        }                                                                   \
      }                                                                     \
      if (!solve->unit) {                                                   \
        real pivot[2];                                                      \
        reciprocal_##suffix(a + 2 * i * (rs + cs), pivot);                  \
        for (int64_t j = 0; j < count; ++j) {                               \
          real part = re[i][j];                                             \
          re[i][j] = part * pivot[0] - im[i][j] * pivot[1];                 \
          im[i][j] = part * pivot[1] + im[i][j] * pivot[0];                 \
        }                                                                   \
      }                                                                     \
    }                                                                       \
    for (int64_t j = 0; j < count; ++j) {                                   \
      for (int64_t i = 0; i < rows; ++i) {                                  \
        b[2 * (i * b_rs + j * b_cs)] = re[i][j];                            \
        b[2 * (i * b_rs + j * b_cs) + 1] = im[i][j];                        \
      }                                                                     \
    }                                                                       \
  }
SOLVE_COMPLEX(c64, float)
SOLVE_COMPLEX(c128, double)

static void solve_block(const pt2__trisolve_t* solve, const void* a,
                        const pt2__matrix_t* shape, void* b,
                        const pt2__matrix_t* sides, int64_t rows,
                        int64_t count) {
  switch (solve->dtype) {
    case PT2_DTYPE_F32:
      solve_f32(solve, a, shape->rs, shape->cs, b, sides->rs, sides->cs, rows,
                count);
      break;
    case PT2_DTYPE_F64:
      solve_f64(solve, a, shape->rs, shape->cs, b, sides->rs, sides->cs, rows,
                count);
      break;
    case PT2_DTYPE_COMPLEX64:
      solve_c64(solve, a, shape->rs, shape->cs, b, sides->rs, sides->cs, rows,
                count);
      break;
    default:
      solve_c128(solve, a, shape->rs, shape->cs, b, sides->rs, sides->cs, rows,
                 count);
  }
}

// Takes from the rows [first, first + rows) what the solved ones contribute.
static pt2_status_t subtract_solved(const pt2__trisolve_t* solve,
                                    const pt2__matrix_t* a,
                                    const pt2__matrix_t* b, int64_t first,
                                    int64_t rows, int64_t columns) {
  int64_t from = solve->upper ? first + rows : 0;
  int64_t count = solve->upper ? solve->n - from : first;
  if (count == 0) {
    return PT2_STATUS_OK;
  }
  char* target = element(b, solve->dtype, first, 0);
  const pt2__gemm_operand_t same = {target, 0, b->rs, b->cs};
  const pt2__gemm_t gemm = {
      .dtype = solve->dtype,
      .batch = 1,
      .m = rows,
      .n = columns,
      .k = count,
      .alpha = -1,
      .beta = 1,
      .a = {element(a, solve->dtype, first, from), 0, a->rs, a->cs},
      .b = {element(b, solve->dtype, from, 0), 0, b->rs, b->cs},
      .source = same,
      .c = target,
      .c_rs = b->rs,
      .c_cs = b->cs};
  return pt2__gemm(&gemm);
}

pt2_status_t pt2__trisolve(const pt2__trisolve_t* solve, pt2__matrix_t a,
                           pt2__matrix_t b) {
  const int64_t blocks = (solve->n + ROWS - 1) / ROWS;
  for (int64_t step = 0; step < blocks; ++step) {
    int64_t first = (solve->upper ? blocks - 1 - step : step) * ROWS;
    int64_t rows = solve->n - first < ROWS ? solve->n - first : ROWS;
    int64_t columns = solve->columns;
    if (solve->lower_sides && first + rows < columns) {
      columns = first + rows;
    }
    PT2_TRY(subtract_solved(solve, &a, &b, first, rows, columns));
    for (int64_t j = 0; j < columns; j += WIDTH) {
      solve_block(solve, element(&a, solve->dtype, first, first), &a,
                  element(&b, solve->dtype, first, j), &b, rows,
                  columns - j < WIDTH ? columns - j : WIDTH);
    }
  }
  return PT2_STATUS_OK;
}

void pt2__conjugate(int32_t dtype, void* data, int64_t count) {
  if (dtype == PT2_DTYPE_COMPLEX64) {
    float* parts = data;
    for (int64_t i = 0; i < count; ++i) {
      parts[2 * i + 1] = -parts[2 * i + 1];
    }
  } else if (dtype == PT2_DTYPE_COMPLEX128) {
    double* parts = data;
    for (int64_t i = 0; i < count; ++i) {
      parts[2 * i + 1] = -parts[2 * i + 1];
    }
  }
}
