// SPDX-License-Identifier: Apache-2.0
//
// Blocks of reflections as I - V T V^H (Schreiber and Van Loan, "A
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

// Most reflections of a block.
#define BLOCK 32
// The products of complex blocks cost more beside a panel: fewer reflections of
// few, and wider panels.
#define FEW_COMPLEX 128
#define COMPLEX_BLOCK 16
#define REAL_PANEL 8

// V of a block, its T and two products of a block's width. Behind V and T, by
// |conjugates| bytes, lie their conjugates if they are complex; else it is 0.
typedef struct {
  int32_t dtype;
  pt2__qr_panel_fn panel;
  void* memory;
  size_t bytes;
  int64_t conjugates;
  int64_t width, panel_width;  // reflections of a block and of a panel
  pt2__matrix_t v, t, w, x;
} space_t;

static pt2__qr_panel_fn panel_of(int32_t dtype) {
  const pt2__qr_panel_fn* panels = pt2__qr_panels_generic;
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    panels = pt2__qr_panels_avx2;
  }
#endif
  const int wide =
      dtype == PT2_DTYPE_F64 || dtype == PT2_DTYPE_COMPLEX128 ? 1 : 0;
  return panels[(pt2__dtype_is_complex(dtype) ? 2 : 0) + wide];
}

// For |k| reflections of |rows| and products of |columns|.
static pt2_status_t take_space(int32_t dtype, int64_t rows, int64_t columns,
                               int64_t k, space_t* space) {
  const int64_t element = (int64_t)pt2_dtype_size_bytes(dtype);
  if (columns < BLOCK) {
    columns = BLOCK;
  }
  const bool is_complex = pt2__dtype_is_complex(dtype);
  *space =
      (space_t){.dtype = dtype,
                .panel = panel_of(dtype),
                .width = is_complex && k <= FEW_COMPLEX ? COMPLEX_BLOCK : BLOCK,
                .panel_width = is_complex ? PT2__QR_PANEL : REAL_PANEL};
  const int64_t block = element * BLOCK * (rows + BLOCK);
  space->conjugates = is_complex ? block : 0;
  space->bytes =
      (size_t)(block + space->conjugates + element * BLOCK * 2 * columns);
  space->memory = pt2__pool_alloc(space->bytes);
  if (space->memory == NULL) {
    return PT2_OUT_OF_MEMORY(space->bytes);
  }
  char* at = space->memory;
  space->v = (pt2__matrix_t){at, 1, rows};
  space->t = (pt2__matrix_t){at + element * BLOCK * rows, 1, BLOCK};
  at += block + space->conjugates;
  space->w = (pt2__matrix_t){at, 1, BLOCK};
  space->x = (pt2__matrix_t){at + element * BLOCK * columns, 1, BLOCK};
  return PT2_STATUS_OK;
}

static void release(space_t* space) {
  pt2__pool_free(space->memory, space->bytes);
}

static void* element_at(int32_t dtype, const void* vector, int64_t i) {
  return (char*)(uintptr_t)vector + i * (int64_t)pt2_dtype_size_bytes(dtype);
}

// The conjugate of what is in V or T.
static pt2__matrix_t conjugate_of(const space_t* space, pt2__matrix_t a) {
  a.data = (char*)a.data + space->conjugates;
  return a;
}

static pt2__matrix_t adjoint_of(const space_t* space, pt2__matrix_t a) {
  return pt2__matrix_transposed(conjugate_of(space, a));
}

#define CONJUGATE(suffix, type)                                               \
  static void conjugate_##suffix(int64_t count, const type* from, type* to) { \
    for (int64_t i = 0; i < count; ++i) {                                     \
      to[2 * i] = from[2 * i];                                                \
      to[2 * i + 1] = -from[2 * i + 1];                                       \
    }                                                                         \
  }
CONJUGATE(c64, float)
CONJUGATE(c128, double)

// Brings the conjugate of what is in V or T up to date.
static void conjugate(const space_t* space, int64_t rows, int64_t columns,
                      pt2__matrix_t a) {
  for (int64_t j = 0; j < columns && space->conjugates != 0; ++j) {
    const pt2__matrix_t from = pt2__matrix_block(space->dtype, a, 0, j);
    const pt2__matrix_t to = conjugate_of(space, from);
    if (space->dtype == PT2_DTYPE_COMPLEX64) {
      conjugate_c64(rows, from.data, to.data);
    } else {
      conjugate_c128(rows, from.data, to.data);
    }
  }
}

// A block of reflections |v|, |t|, or its adjoint; or the conjugate of either.
typedef struct {
  int64_t m, k;  // of v
  pt2__matrix_t v, t;
  bool adjoint, conjugate;
} block_t;

// c = (I - v t v^H) c
static pt2_status_t apply_block(const space_t* space, const block_t* block,
                                int64_t columns, pt2__matrix_t c) {
  const int32_t dtype = space->dtype;
  const int64_t m = block->m, k = block->k;
  const bool other = block->conjugate;
  const pt2__matrix_t v = other ? conjugate_of(space, block->v) : block->v;
  const pt2__matrix_t v_adjoint =
      other ? pt2__matrix_transposed(block->v) : adjoint_of(space, block->v);
  const pt2__matrix_t t = other ? conjugate_of(space, block->t) : block->t;
  const pt2__matrix_t t_adjoint =
      other ? pt2__matrix_transposed(block->t) : adjoint_of(space, block->t);
  PT2_TRY(
      pt2__matrix_product(dtype, k, columns, m, 1, v_adjoint, c, 0, space->w));
  PT2_TRY(pt2__matrix_product(dtype, k, columns, k, 1,
                              block->adjoint ? t_adjoint : t, space->w, 0,
                              space->x));
  return pt2__matrix_product(dtype, m, columns, k, -1, v, space->x, 1, c);
}

static void clear(int32_t dtype, int64_t rows, int64_t columns,
                  pt2__matrix_t a) {
  for (int64_t j = 0; j < columns; ++j) {
    memset(element_at(dtype, a.data, j * a.cs), 0,
           pt2_dtype_size_bytes(dtype) * (size_t)rows);
  }
}

// In V or T.
static void clear_both(const space_t* space, int64_t rows, int64_t columns,
                       pt2__matrix_t a) {
  clear(space->dtype, rows, columns, a);
  clear(space->dtype, rows, columns, conjugate_of(space, a));
}

// The upper right of the triangle of two blocks of |left| and |right|
// reflections, whose vectors |v| has side by side: -t1 (v1^H v2) t2.
static pt2_status_t join(const space_t* space, int64_t m, int64_t left,
                         int64_t right, pt2__matrix_t v, pt2__matrix_t t) {
  const int32_t dtype = space->dtype;
  const pt2__matrix_t v1 = pt2__matrix_block(dtype, v, left, 0);
  const pt2__matrix_t v2 = pt2__matrix_block(dtype, v, left, left);
  PT2_TRY(pt2__matrix_product(dtype, left, right, m - left, 1,
                              adjoint_of(space, v1), v2, 0, space->w));
  PT2_TRY(pt2__matrix_product(dtype, left, right, right, 1, space->w,
                              pt2__matrix_block(dtype, t, left, left), 0,
                              space->x));
  const pt2__matrix_t above = pt2__matrix_block(dtype, t, 0, left);
  PT2_TRY(
      pt2__matrix_product(dtype, left, right, left, -1, t, space->x, 0, above));
  conjugate(space, left, right, above);
  return PT2_STATUS_OK;
}

// Where |n| reflections are halved.
static int64_t half_of(int64_t n, int64_t panel) {
  return (n / 2 + panel - 1) / panel * panel;
}

// n <= m and n <= BLOCK: factors |a| and makes |v| and |t|.
static pt2_status_t factor_block(const space_t* space, int64_t m, int64_t n,
                                 pt2__matrix_t a, void* tau, pt2__matrix_t v,
                                 pt2__matrix_t t) {
  const int32_t dtype = space->dtype;
  if (n <= space->panel_width) {
    space->panel(m, n, a.data, a.cs, tau, v.data, v.cs, t.data, t.cs);
    conjugate(space, m, n, v);
    conjugate(space, n, n, t);
    return PT2_STATUS_OK;
  }
  const int64_t left = half_of(n, space->panel_width), right = n - left;
  PT2_TRY(factor_block(space, m, left, a, tau, v, t));
  const block_t block = {m, left, v, t, .adjoint = true};
  PT2_TRY(
      apply_block(space, &block, right, pt2__matrix_block(dtype, a, 0, left)));
  clear_both(space, left, right, pt2__matrix_block(dtype, v, 0, left));
  clear_both(space, right, left, pt2__matrix_block(dtype, t, left, 0));
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
  PT2_TRY(take_space(dtype, m, n, k, &space));
  pt2_status_t status = PT2_STATUS_OK;
  for (int64_t j = 0; j < k && status == PT2_STATUS_OK; j += space.width) {
    const int64_t width = k - j < space.width ? k - j : space.width;
    status = factor_block(&space, m - j, width,
                          pt2__matrix_block(dtype, whole, j, j),
                          element_at(dtype, tau, j), space.v, space.t);
    if (status == PT2_STATUS_OK) {
      const block_t block = {m - j, width, space.v, space.t, .adjoint = true};
      status = apply_block(&space, &block, n - j - width,
                           pt2__matrix_block(dtype, whole, j, j + width));
    }
  }
  release(&space);
  return status;
}

// ---- Given reflections -----------------------------------------------------

static void set_one(int32_t dtype, pt2__matrix_t a, int64_t row,
                    int64_t column) {
  pt2__element_set_f64(dtype, pt2__matrix_block(dtype, a, row, column).data, 1);
}

// The vectors of |n| reflections that lie in |a|, with their ones and zeros.
static void load_vectors(const space_t* space, int64_t m, int64_t n,
                         pt2__matrix_t a) {
  const int32_t dtype = space->dtype;
  const size_t element = pt2_dtype_size_bytes(dtype);
  for (int64_t j = 0; j < n; ++j) {
    const pt2__matrix_t to = pt2__matrix_block(dtype, space->v, 0, j);
    memset(to.data, 0, element * (size_t)j);
    set_one(dtype, to, j, 0);
    memcpy(element_at(dtype, to.data, j + 1),
           pt2__matrix_block(dtype, a, j + 1, j).data,
           element * (size_t)(m - j - 1));
  }
}

// The triangle of |n| reflections, where |t| has v^H v.
#define TRIANGLE(suffix, type)                                         \
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
TRIANGLE(f32, float)
TRIANGLE(f64, double)

#define COMPLEX_TRIANGLE(suffix, part)                                 \
  static void triangle_##suffix(int64_t n, const part* tau, part* t) { \
    for (int64_t j = 0; j < n; ++j) {                                  \
      part *column = t + 2 * j * BLOCK, sums[2 * BLOCK] = {0};         \
      const part x = -tau[2 * j], y = -tau[2 * j + 1];                 \
      for (int64_t k = 0; k < j; ++k) {                                \
        const part re = x * column[2 * k] - y * column[2 * k + 1];     \
        const part im = x * column[2 * k + 1] + y * column[2 * k];     \
        const part* from = t + 2 * k * BLOCK;                          \
        for (int64_t i = 0; i <= k; ++i) {                             \
          sums[2 * i] += re * from[2 * i] - im * from[2 * i + 1];      \
          sums[2 * i + 1] += re * from[2 * i + 1] + im * from[2 * i];  \
        }                                                              \
      }                                                                \
      sums[2 * j] = -x;                                                \
      sums[2 * j + 1] = -y;                                            \
      memcpy(column, sums, sizeof(sums));                              \
    }                                                                  \
  }
COMPLEX_TRIANGLE(c64, float)
COMPLEX_TRIANGLE(c128, double)

// Makes V and T of |n| reflections.
static pt2_status_t load_block(const space_t* space, int64_t m, int64_t n,
                               pt2__matrix_t a, const void* tau) {
  const pt2__matrix_t v = space->v;
  void* t = space->t.data;
  load_vectors(space, m, n, a);
  conjugate(space, m, n, v);
  PT2_TRY(pt2__matrix_product(space->dtype, n, n, m, 1, adjoint_of(space, v), v,
                              0, space->t));
  switch (space->dtype) {
    case PT2_DTYPE_F32:
      triangle_f32(n, tau, t);
      break;
    case PT2_DTYPE_F64:
      triangle_f64(n, tau, t);
      break;
    case PT2_DTYPE_COMPLEX64:
      triangle_c64(n, tau, t);
      break;
    default:
      triangle_c128(n, tau, t);
      break;
  }
  conjugate(space, n, n, space->t);
  return PT2_STATUS_OK;
}

// |a| = the first columns of the unit matrix.
static void set_unit(int32_t dtype, int64_t m, int64_t n, pt2__matrix_t a) {
  clear(dtype, m, n, a);
  for (int64_t j = 0; j < n && j < m; ++j) {
    set_one(dtype, a, j, j);
  }
}

pt2_status_t pt2__qr_q(int32_t dtype, int64_t m, int64_t n, int64_t k, void* a,
                       const void* tau) {
  const pt2__matrix_t whole = {a, 1, m};
  space_t space;
  PT2_TRY(take_space(dtype, m, n, k, &space));
  const pt2__matrix_t rest = pt2__matrix_block(dtype, whole, 0, k);
  clear(dtype, k, n - k, rest);
  set_unit(dtype, m - k, n - k, pt2__matrix_block(dtype, rest, k, 0));
  pt2_status_t status = PT2_STATUS_OK;
  for (int64_t j = (k - 1) / space.width * space.width;
       k > 0 && j >= 0 && status == PT2_STATUS_OK; j -= space.width) {
    const int64_t width = k - j < space.width ? k - j : space.width;
    const pt2__matrix_t corner = pt2__matrix_block(dtype, whole, j, j);
    status =
        load_block(&space, m - j, width, corner, element_at(dtype, tau, j));
    if (status == PT2_STATUS_OK) {
      clear(dtype, j, width, pt2__matrix_block(dtype, whole, 0, j));
      set_unit(dtype, m - j, width, corner);
      const block_t block = {m - j, width, space.v, space.t, .adjoint = false};
      status = apply_block(&space, &block, n - j, corner);
    }
  }
  release(&space);
  return status;
}

pt2_status_t pt2__qr_apply(int32_t dtype, int64_t m, int64_t n, int64_t k,
                           const void* a, const void* tau, bool left,
                           bool adjoint, void* c) {
  // c Q is (conj(Q^H) c^T)^T.
  const int64_t rows = left ? m : n, columns = left ? n : m;
  const pt2__matrix_t whole = {(void*)(uintptr_t)a, 1, rows};
  const pt2__matrix_t target = {c, left ? 1 : m, left ? m : 1};
  const bool of_adjoint = left ? adjoint : !adjoint;
  space_t space;
  PT2_TRY(take_space(dtype, rows, columns, k, &space));
  pt2_status_t status = PT2_STATUS_OK;
  const int64_t blocks = (k + space.width - 1) / space.width;
  for (int64_t step = 0; step < blocks && status == PT2_STATUS_OK; ++step) {
    // Q^H begins with the first reflection, Q with the last.
    const int64_t j = (of_adjoint ? step : blocks - 1 - step) * space.width;
    const int64_t width = k - j < space.width ? k - j : space.width;
    status = load_block(&space, rows - j, width,
                        pt2__matrix_block(dtype, whole, j, j),
                        element_at(dtype, tau, j));
    if (status == PT2_STATUS_OK) {
      const block_t block = {rows - j, width,      space.v,
                             space.t,  of_adjoint, .conjugate = !left};
      status = apply_block(&space, &block, columns,
                           pt2__matrix_block(dtype, target, j, 0));
    }
  }
  release(&space);
  return status;
}
