// SPDX-License-Identifier: Apache-2.0
//
// The innermost loops of LU, Cholesky and triangular systems, for each
// instruction set.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_TRIANGLES_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_TRIANGLES_H_

#include <stdbool.h>
#include <stdint.h>

// Rows of a block that is solved at once, and its right sides.
#define PT2__TRIANGLES_ROWS 32
#define PT2__TRIANGLES_WIDTH 32
// Largest triangle of |cholesky|, largest system of |apply|.
#define PT2__TRIANGLES_CHOLESKY 16
#define PT2__TRIANGLES_APPLY 8

// A triangle: |a|'s element (i, j) is i * rs + j * cs elements from its start.
typedef struct {
  const void* a;
  int64_t rs, cs;
  int64_t n;
  bool upper;
  bool unit;  // the diagonal is taken as ones
} pt2__triangle_t;

// For one of the dtypes.
typedef struct {
  // P A = L U for a panel of m x n, whose columns are |cs| apart. LAPACK's
  // rules: the largest pivot, by |re| + |im| for complex numbers, the first of
  // equal ones; a column of zeros is left as it is, and |*info| is the first
  // such from 1 if it was 0.
  void (*panel)(int64_t m, int64_t n, void* a, int64_t cs, int32_t* pivots,
                int32_t* info);
  // A = L L^H in place of a lower triangle of at most CHOLESKY rows. The first
  // minor from 1 that is not positive, or 0.
  int32_t (*cholesky)(int64_t n, void* a, int64_t rs, int64_t cs);
  // Solves A x = b in place for at most ROWS rows and WIDTH right sides.
  void (*block)(const pt2__triangle_t* t, void* b, int64_t b_rs, int64_t b_cs,
                int64_t count);
  // The same for any number of rows and one right side, side by side; rs or cs
  // is 1.
  void (*vector)(const pt2__triangle_t* t, void* b);
  // Solves A x = b, or A^T x = b, for at most APPLY rows: L U has columns |n|
  // apart, b columns |b_cs| apart. NULL for complex numbers.
  void (*apply)(int64_t n, const void* lu, const int32_t* pivots,
                bool transpose, void* b, int64_t b_cs, int64_t columns);
} pt2__triangles_t;

// The functions for |dtype|, one of the four.
const pt2__triangles_t* pt2__triangles(int32_t dtype);

// f32, f64, complex64, complex128.
extern const pt2__triangles_t pt2__triangles_generic[4];
#if defined(__x86_64__)
extern const pt2__triangles_t pt2__triangles_avx2[4];
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_TRIANGLES_H_
