// SPDX-License-Identifier: Apache-2.0
//
// Single matrices of any strides, and their products.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_MATRIX_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_MATRIX_H_

#include <stdint.h>

#include "base/status.h"

// A matrix: strides in elements, from row to row and from column to column.
typedef struct {
  void* data;
  int64_t rs, cs;
} pt2__matrix_t;

static inline pt2__matrix_t pt2__matrix_transposed(pt2__matrix_t matrix) {
  return (pt2__matrix_t){matrix.data, matrix.cs, matrix.rs};
}

// What begins at an element.
pt2__matrix_t pt2__matrix_block(int32_t dtype, pt2__matrix_t a, int64_t row,
                                int64_t column);

// c = alpha a b + beta c, a m x k and b k x n; |c| is not read if |beta| is 0.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__matrix_product(int32_t dtype, int64_t m,
                                              int64_t n, int64_t k,
                                              double alpha, pt2__matrix_t a,
                                              pt2__matrix_t b, double beta,
                                              pt2__matrix_t c);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_MATRIX_H_
