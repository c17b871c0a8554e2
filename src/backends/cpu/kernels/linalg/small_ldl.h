// SPDX-License-Identifier: Apache-2.0
//
// L D L^T of single symmetric matrices so small that calls inside LAPACK cost
// more than the work. Real numbers, column by column, LAPACK's pivots.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_SMALL_LDL_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_SMALL_LDL_H_

#include <stdbool.h>
#include <stdint.h>

// Whether the function below does for n x n of |dtype|.
bool pt2__small_ldl_fits(int32_t dtype, int n);

// Factors |a| in place, of which the lower triangle is read and written.
// |pivots| and the result, the place of the first zero on D or 0, are those of
// LAPACK's sytrf.
int pt2__small_ldl(int32_t dtype, int n, void* a, int* pivots);

// One for each instruction set.
int pt2__small_ldl_generic(int32_t dtype, int n, void* a, int* pivots);
int pt2__small_ldl_avx2(int32_t dtype, int n, void* a, int* pivots);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_SMALL_LDL_H_
