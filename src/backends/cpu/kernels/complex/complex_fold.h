// SPDX-License-Identifier: Apache-2.0
//
// Sums and products of rows of complex numbers, in double.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_COMPLEX_FOLD_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_COMPLEX_FOLD_H_

#include <stdint.h>

// Rows of |count| numbers, complex64 or complex128, lie |stride| numbers apart.
// Results |to| are complex128. Sums are the same for any instruction set.
typedef struct {
  // Adds, or multiplies, all of row j to number j * |step|.
  void (*along)(const void* from, int64_t stride, int64_t rows, int64_t count,
                double* to, int64_t step);
  // Adds element i of each row to number i.
  void (*across)(const void* from, int64_t stride, int64_t rows, int64_t count,
                 double* to);
} pt2__complex_fold_t;

typedef struct {
  pt2__complex_fold_t sum_c64, sum_c128, product_c64, product_c128;
} pt2__complex_folds_t;

extern const pt2__complex_folds_t pt2__complex_folds_generic;
extern const pt2__complex_folds_t pt2__complex_folds_avx2;
extern const pt2__complex_folds_t pt2__complex_folds_avx512;

// The ones for this processor.
const pt2__complex_folds_t* pt2__complex_folds(void);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_COMPLEX_FOLD_H_
