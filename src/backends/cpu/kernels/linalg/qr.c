// SPDX-License-Identifier: Apache-2.0
//
// Blocks of reflections as I - V T V^T (Schreiber and Van Loan, "A
// storage-efficient WY representation for products of Householder
// transformations", 1989), factored by halves (Elmroth and Gustavson, "Applying
// recursion to serial and parallel QR factorization leads to better
// performance", 2000).
#include "backends/cpu/kernels/linalg/qr.h"

#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/linalg/matrix.h"
#include "backends/cpu/kernels/linalg/qr_panel.h"
#include "base/memory.h"
#include "ops/op.h"

// Reflections of a block.
#define BLOCK 64

// V of a block, its T and two products of a block's width.
typedef struct {
  int32_t dtype;
  pt2__qr_panel_fn panel;
  void* memory;
  size_t bytes;
  pt2__matrix_t v, t, w, x;
} space_t;

static pt2__qr_panel_fn panel_of(int32_t dtype) {
  const bool wide = dtype == PT2_DTYPE_F64;
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return wide ? pt2__qr_panel_f64_avx2 : pt2__qr_panel_f32_avx2;
  }
#endif
  return wide ? pt2__qr_panel_f64_generic : pt2__qr_panel_f32_generic;
}

// For V of |rows| and products of |columns|.
static pt2_status_t take_space(int32_t dtype, int64_t rows, int64_t columns,
                               space_t* space) {
  const int64_t element = (int64_t)pt2_dtype_size_bytes(dtype);
  if (columns < BLOCK) {
    columns = BLOCK;
  }
  *space = (space_t){.dtype = dtype, .panel = panel_of(dtype)};
  space->bytes = (size_t)(element * BLOCK * (rows + BLOCK + 2 * columns));
  space->memory = pt2__pool_alloc(space->bytes);
  if (space->memory == NULL) {
    return PT2_OUT_OF_MEMORY(space->bytes);
  }
  char* at = space->memory;
  space->v = (pt2__matrix_t){at, 1, rows};
  at += element * BLOCK * rows;
  space->t = (pt2__matrix_t){at, 1, BLOCK};
  at += element * BLOCK * BLOCK;
  space->w = (pt2__matrix_t){at, 1, BLOCK};
  at += element * BLOCK * columns;
  space->x = (pt2__matrix_t){at, 1, BLOCK};
  return PT2_STATUS_OK;
}

static void release(space_t* space) {
  pt2__pool_free(space->memory, space->bytes);
}

static void* element_at(int32_t dtype, const void* vector, int64_t i) {
  return (char*)(uintptr_t)vector + i * (int64_t)pt2_dtype_size_bytes(dtype);
}

// c = (I - v t v^T) c, with t^T if |adjoint|; |v| is m x k.
static pt2_status_t apply_block(const space_t* space, int64_t m, int64_t k,
                                pt2__matrix_t v, pt2__matrix_t t, bool adjoint,
                                int64_t columns, pt2__matrix_t c) {
  const int32_t dtype = space->dtype;
  PT2_TRY(pt2__matrix_product(dtype, k, columns, m, 1,
                              pt2__matrix_transposed(v), c, 0, space->w));
  PT2_TRY(pt2__matrix_product(dtype, k, columns, k, 1,
                              adjoint ? pt2__matrix_transposed(t) : t, space->w,
                              0, space->x));
  return pt2__matrix_product(dtype, m, columns, k, -1, v, space->x, 1, c);
}

static void clear(int32_t dtype, int64_t rows, int64_t columns,
                  pt2__matrix_t a) {
  for (int64_t j = 0; j < columns; ++j) {
    memset(element_at(dtype, a.data, j * a.cs), 0,
           pt2_dtype_size_bytes(dtype) * (size_t)rows);
  }
}

// The upper right of the triangle of two blocks of |left| and |right|
// reflections, whose vectors |v| has side by side: -t1 (v1^T v2) t2.
static pt2_status_t join(const space_t* space, int64_t m, int64_t left,
                         int64_t right, pt2__matrix_t v, pt2__matrix_t t) {
  const int32_t dtype = space->dtype;
  const pt2__matrix_t v1 = pt2__matrix_block(dtype, v, left, 0);
  const pt2__matrix_t v2 = pt2__matrix_block(dtype, v, left, left);
  PT2_TRY(pt2__matrix_product(dtype, left, right, m - left, 1,
                              pt2__matrix_transposed(v1), v2, 0, space->w));
  PT2_TRY(pt2__matrix_product(dtype, left, right, right, 1, space->w,
                              pt2__matrix_block(dtype, t, left, left), 0,
                              space->x));
  return pt2__matrix_product(dtype, left, right, left, -1, t, space->x, 0,
                             pt2__matrix_block(dtype, t, 0, left));
}

// Where |n| reflections are halved.
static int64_t half_of(int64_t n) {
  return (n / 2 + PT2__QR_PANEL - 1) / PT2__QR_PANEL * PT2__QR_PANEL;
}

// n <= m and n <= BLOCK: factors |a| and makes |v| and |t|.
static pt2_status_t factor_block(const space_t* space, int64_t m, int64_t n,
                                 pt2__matrix_t a, void* tau, pt2__matrix_t v,
                                 pt2__matrix_t t) {
  const int32_t dtype = space->dtype;
  if (n <= PT2__QR_PANEL) {
    space->panel(m, n, a.data, a.cs, tau, v.data, v.cs, t.data, t.cs);
    return PT2_STATUS_OK;
  }
  const int64_t left = half_of(n), right = n - left;
  PT2_TRY(factor_block(space, m, left, a, tau, v, t));
  PT2_TRY(apply_block(space, m, left, v, t, true, right,
                      pt2__matrix_block(dtype, a, 0, left)));
  const pt2__matrix_t v12 = pt2__matrix_block(dtype, v, 0, left);
  clear(dtype, left, right, v12);
  clear(dtype, right, left, pt2__matrix_block(dtype, t, left, 0));
  PT2_TRY(factor_block(
      space, m - left, right, pt2__matrix_block(dtype, a, left, left),
      element_at(dtype, tau, left), pt2__matrix_block(dtype, v, left, left),
      pt2__matrix_block(dtype, t, left, left)));
  return join(space, m, left, right, v, t);
}

pt2_status_t pt2__qr_factor(int32_t dtype, int64_t m, int64_t n, void* a,
                            void* tau) {
  const pt2__matrix_t whole = {a, 1, m};
  const int64_t k = m < n ? m : n;
  space_t space;
  PT2_TRY(take_space(dtype, m, n, &space));
  pt2_status_t status = PT2_STATUS_OK;
  for (int64_t j = 0; j < k && status == PT2_STATUS_OK; j += BLOCK) {
    const int64_t width = k - j < BLOCK ? k - j : BLOCK;
    status = factor_block(&space, m - j, width,
                          pt2__matrix_block(dtype, whole, j, j),
                          element_at(dtype, tau, j), space.v, space.t);
    if (status == PT2_STATUS_OK) {
      status = apply_block(&space, m - j, width, space.v, space.t, true,
                           n - j - width,
                           pt2__matrix_block(dtype, whole, j, j + width));
    }
  }
  release(&space);
  return status;
}

// ---- Given reflections -----------------------------------------------------

// The vectors of |n| reflections that lie in |a|, with their ones and zeros.
#define VECTORS(suffix, type)                                          \
  static void vectors_##suffix(int64_t m, int64_t n, const type* a,    \
                               int64_t a_cs, type* v, int64_t v_cs) {  \
    for (int64_t j = 0; j < n; ++j) {                                  \
      for (int64_t i = 0; i < j; ++i) {                                \
        v[j * v_cs + i] = 0;                                           \
      }                                                                \
      v[j * v_cs + j] = 1;                                             \
      memcpy(v + j * v_cs + j + 1, a + j * a_cs + j + 1,               \
             sizeof(type) * (size_t)(m - j - 1));                      \
    }                                                                  \
  }                                                                    \
  /* The triangle of |n| reflections: |t| has v^T v. */                \
  static void triangle_##suffix(int64_t n, const type* tau, type* t) { \
    for (int64_t j = 0; j < n; ++j) {                                  \
      type *column = t + j * BLOCK, sums[BLOCK] = {0};                 \
      for (int64_t k = 0; k < j; ++k) {                                \
        const type factor = -tau[j] * column[k];                       \
        for (int64_t i = 0; i <= k; ++i) {                             \
          sums[i] += factor * t[k * BLOCK + i];                        \
        }                                                              \
      }                                                                \
      sums[j] = tau[j];                                                \
      memcpy(column, sums, sizeof(sums));                              \
    }                                                                  \
  }
VECTORS(f32, float)
VECTORS(f64, double)

// Makes V and T of |n| reflections.
static pt2_status_t load_block(const space_t* space, int64_t m, int64_t n,
                               pt2__matrix_t a, const void* tau) {
  const pt2__matrix_t v = space->v;
  const bool wide = space->dtype == PT2_DTYPE_F64;
  if (wide) {
    vectors_f64(m, n, a.data, a.cs, v.data, v.cs);
  } else {
    vectors_f32(m, n, a.data, a.cs, v.data, v.cs);
  }
  PT2_TRY(pt2__matrix_product(space->dtype, n, n, m, 1,
                              pt2__matrix_transposed(v), v, 0, space->t));
  if (wide) {
    triangle_f64(n, tau, space->t.data);
  } else {
    triangle_f32(n, tau, space->t.data);
  }
  return PT2_STATUS_OK;
}

// |a| = the first columns of the unit matrix.
static void set_unit(int32_t dtype, int64_t m, int64_t n, pt2__matrix_t a) {
  clear(dtype, m, n, a);
  for (int64_t j = 0; j < n && j < m; ++j) {
    void* one = pt2__matrix_block(dtype, a, j, j).data;
    if (dtype == PT2_DTYPE_F64) {
      *(double*)one = 1;
    } else {
      *(float*)one = 1;
    }
  }
}

pt2_status_t pt2__qr_q(int32_t dtype, int64_t m, int64_t n, int64_t k, void* a,
                       const void* tau) {
  const pt2__matrix_t whole = {a, 1, m};
  space_t space;
  PT2_TRY(take_space(dtype, m, n, &space));
  const pt2__matrix_t rest = pt2__matrix_block(dtype, whole, 0, k);
  clear(dtype, k, n - k, rest);
  set_unit(dtype, m - k, n - k, pt2__matrix_block(dtype, rest, k, 0));
  pt2_status_t status = PT2_STATUS_OK;
  for (int64_t j = (k - 1) / BLOCK * BLOCK;
       k > 0 && j >= 0 && status == PT2_STATUS_OK; j -= BLOCK) {
    const int64_t width = k - j < BLOCK ? k - j : BLOCK;
    const pt2__matrix_t corner = pt2__matrix_block(dtype, whole, j, j);
    status =
        load_block(&space, m - j, width, corner, element_at(dtype, tau, j));
    if (status == PT2_STATUS_OK) {
      clear(dtype, j, width, pt2__matrix_block(dtype, whole, 0, j));
      set_unit(dtype, m - j, width, corner);
      status = apply_block(&space, m - j, width, space.v, space.t, false, n - j,
                           corner);
    }
  }
  release(&space);
  return status;
}

pt2_status_t pt2__qr_apply(int32_t dtype, int64_t m, int64_t n, int64_t k,
                           const void* a, const void* tau, bool left,
                           bool adjoint, void* c) {
  // c Q is (Q^T c^T)^T.
  const int64_t rows = left ? m : n, columns = left ? n : m;
  const pt2__matrix_t whole = {(void*)(uintptr_t)a, 1, rows};
  const pt2__matrix_t target = {c, left ? 1 : m, left ? m : 1};
  const bool transposed = left ? adjoint : !adjoint;
  space_t space;
  PT2_TRY(take_space(dtype, rows, columns, &space));
  pt2_status_t status = PT2_STATUS_OK;
  const int64_t blocks = (k + BLOCK - 1) / BLOCK;
  for (int64_t step = 0; step < blocks && status == PT2_STATUS_OK; ++step) {
    // Q^T begins with the first reflection, Q with the last.
    const int64_t j = (transposed ? step : blocks - 1 - step) * BLOCK;
    const int64_t width = k - j < BLOCK ? k - j : BLOCK;
    status = load_block(&space, rows - j, width,
                        pt2__matrix_block(dtype, whole, j, j),
                        element_at(dtype, tau, j));
    if (status == PT2_STATUS_OK) {
      status =
          apply_block(&space, rows - j, width, space.v, space.t, transposed,
                      columns, pt2__matrix_block(dtype, target, j, 0));
    }
  }
  release(&space);
  return status;
}
