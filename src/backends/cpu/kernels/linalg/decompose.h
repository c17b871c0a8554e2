// SPDX-License-Identifier: Apache-2.0
//
// What operators share that are made of a decomposition and products: singular
// values and eigenvalues by LAPACK (docs/adr/0009-lapack.md), with PyTorch's
// errors where it did not converge.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_DECOMPOSE_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_DECOMPOSE_H_

#include "ops/linalg.h"

// A = U diag(values) Vh, the matrices column by column and of min(m, n) columns
// and rows; |values| are real and row-major. Of Hermitian matrices Vh is NULL:
// A = U diag(values) U^H.
typedef struct {
  pt2_tensor_t *u, *values, *vh;
} pt2__decomposed_t;

// |self|, with numbers in it, is of a dtype that LAPACK has. The caller
// releases what it gets.
PT2_MUST_USE pt2_status_t pt2__decompose_svd(const pt2_tensor_t* self,
                                             pt2__decomposed_t* out_parts);
// Reads the lower triangle; eigenvalues in ascending order.
PT2_MUST_USE pt2_status_t pt2__decompose_eigh(const pt2_tensor_t* self,
                                              pt2__decomposed_t* out_parts);
void pt2__decomposed_release(pt2__decomposed_t* parts);

// Multiplies column j of each of |matrices| (column by column) with element j
// of its row of |factors|, which are real and as many as the columns.
void pt2__scale_columns(pt2_tensor_t* matrices, const pt2_tensor_t* factors);

// One of the factors of a product of matrices that lie column by column.
typedef struct {
  const pt2_tensor_t* matrices;
  bool transposed;
} pt2__factor_t;

// Products of the same batch into |result|, row-major.
PT2_MUST_USE pt2_status_t pt2__multiply_factors(pt2__factor_t a,
                                                pt2__factor_t b,
                                                pt2_tensor_t* result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_DECOMPOSE_H_
