// SPDX-License-Identifier: Apache-2.0
//
// Symmetric and Hermitian matrices A = L D L^T or L D L^H, D of blocks of one
// and two rows, by LAPACK's sytrf and hetrf (docs/adr/0009-lapack.md). All
// matrices are dense and lie column by column; the lower triangle is read.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_LDL_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_LDL_H_

#include "ops/linalg.h"

// Both fail with UNSUPPORTED where sizes do not fit 32 bits or LAPACK is not
// installed, and with OUT_OF_MEMORY.

// Factors in place; |pivots| and |info| are row-major i32.
PT2_MUST_USE pt2_status_t pt2__ldl_factor(pt2_tensor_t* a, bool hermitian,
                                          pt2_tensor_t* pivots,
                                          pt2_tensor_t* info);
// Solves A x = b in place of |b|. |factors|, |pivots| (row-major i32, each
// within [1, n] but for the sign) and |b| have the same batch.
PT2_MUST_USE pt2_status_t pt2__ldl_solve(const pt2_tensor_t* factors,
                                         const pt2_tensor_t* pivots,
                                         bool hermitian, pt2_tensor_t* b);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_LDL_H_
