// SPDX-License-Identifier: Apache-2.0
//
// Eigenvalues and eigenvectors of single Hermitian matrices so small that
// LAPACK's blocks do not pay. They lie column by column.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_SMALL_EIGEN_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_SMALL_EIGEN_H_

#include <stdbool.h>
#include <stdint.h>

// Most rows.
#define PT2__SMALL_EIGEN 64

// Whether the function below does for n x n of |dtype|.
bool pt2__small_eigen_fits(int32_t dtype, int n);

// Writes the eigenvalues of |a|, ascending, and if |vectors| the eigenvectors
// in place of |a|, of which the |upper| or lower triangle is read. False: all
// is as it was; |a| has what is no number or of an extreme size, or there was
// no end to it.
bool pt2__small_eigen(int32_t dtype, int n, bool upper, bool vectors, void* a,
                      void* values);

// One for each instruction set.
bool pt2__small_eigen_generic(int32_t dtype, int n, bool upper, bool vectors,
                              void* a, void* values);
bool pt2__small_eigen_avx2(int32_t dtype, int n, bool upper, bool vectors,
                           void* a, void* values);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_SMALL_EIGEN_H_
