// SPDX-License-Identifier: Apache-2.0
//
// Factorizations over batches. All matrices are dense and lie column
// by column, vectors row by row; codes (info) are i32, one for each matrix.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_FACTOR_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_FACTOR_H_

#include "ops/linalg.h"

// All of them fail with OUT_OF_MEMORY; LU and Cholesky, and those from
// eigenvalues on, with UNSUPPORTED where sizes do not fit 32 bits; the latter
// with UNSUPPORTED where LAPACK is not installed, too.

// P A = L U in place; |pivots| i32, min(m, n) for each matrix.
PT2_MUST_USE pt2_status_t pt2__factor_lu(pt2_tensor_t* a, pt2_tensor_t* pivots,
                                         pt2_tensor_t* info);
// Solves A x = b in place of |b| of |columns| right sides of n, or A^T x = b if
// |transpose|, with A's factors; |b| is |lu|'s batch of n x columns.
PT2_MUST_USE pt2_status_t pt2__factor_lu_solve(const pt2_tensor_t* lu,
                                               const pt2_tensor_t* pivots,
                                               bool transpose, void* b,
                                               int64_t columns);
// A = L L^H or U^H U in place of the triangle, which alone is read.
PT2_MUST_USE pt2_status_t pt2__factor_cholesky(pt2_tensor_t* a, bool upper,
                                               pt2_tensor_t* info);
// A = Q R in place, Q as reflections with their factors |tau|.
PT2_MUST_USE pt2_status_t pt2__factor_qr(pt2_tensor_t* a, pt2_tensor_t* tau);
// The first columns of Q in place of the reflections in |a|.
PT2_MUST_USE pt2_status_t pt2__factor_q(pt2_tensor_t* a,
                                        const pt2_tensor_t* tau);
// c = Q c or c Q; with Q^H if |adjoint|.
PT2_MUST_USE pt2_status_t pt2__factor_apply_q(const pt2_tensor_t* a,
                                              const pt2_tensor_t* tau,
                                              bool left, bool adjoint,
                                              pt2_tensor_t* c);
// Eigenvalues of a Hermitian A, of which one triangle is read; eigenvectors in
// place of |a| if |vectors|.
PT2_MUST_USE pt2_status_t pt2__factor_eigh(pt2_tensor_t* a, bool upper,
                                           bool vectors, pt2_tensor_t* values,
                                           pt2_tensor_t* info);
// Singular values of A, which is overwritten; |u| and |vh| NULL: not wanted.
// They are either both square or both of min(m, n) columns and rows.
PT2_MUST_USE pt2_status_t pt2__factor_svd(pt2_tensor_t* a, pt2_tensor_t* u,
                                          pt2_tensor_t* values,
                                          pt2_tensor_t* vh, pt2_tensor_t* info);

// Sets what lies below the diagonal of each matrix (above it, if |upper| is
// false) to 0.
void pt2__factor_clear(pt2_tensor_t* a, bool upper);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_FACTOR_H_
