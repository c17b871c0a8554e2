// SPDX-License-Identifier: Apache-2.0
//
// What the operators that factor a square matrix into LU share.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_SOLVE_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_SOLVE_H_

#include "ops/linalg.h"

typedef struct {
  pt2_tensor_t* lu;      // of A, or of A^T if |transposed|
  pt2_tensor_t* pivots;  // i32
  pt2_tensor_t* info;    // i32
  bool transposed;
} pt2__lu_t;

// Factors |a|. With |may_transpose|, A^T in place of a row-major real A, as
// PyTorch does: it need not be transposed for LAPACK then, and the factors are
// among the results.
PT2_MUST_USE pt2_status_t pt2__lu_make(const pt2_tensor_t* a,
                                       bool may_transpose, pt2__lu_t* out_lu);
void pt2__lu_release(pt2__lu_t* lu);

// P, L and U of the factors |data|, row-major, after their checks; P without
// |permute|, and L and U without |unpack_data|, are of the size 0. Fails for
// pivots that are no rows.
PT2_MUST_USE pt2_status_t pt2__lu_unpack(const pt2_tensor_t* data,
                                         const pt2_tensor_t* pivots,
                                         bool unpack_data, bool permute,
                                         pt2_tensor_t** out_results);

// The solution of A x = b for b [batch, n, k], or of x A = b for b [batch, k,
// n] if not |left|; column by column, or row by row if not |left|.
PT2_MUST_USE pt2_status_t pt2__lu_solve(const pt2__lu_t* lu,
                                        const pt2_tensor_t* b, bool left,
                                        pt2_tensor_t** out_result);

// Determinants of |a|, checked and factored first: sign (or phase) and the
// logarithm of the absolute value; with |out_log| NULL the determinant itself
// in place of the sign. |name| is PyTorch's ("linalg.det").
PT2_MUST_USE pt2_status_t pt2__lu_of_determinant(
    const pt2_tensor_t* a, const char* name, pt2_tensor_t** out_sign,
    pt2_tensor_t** out_log, pt2_tensor_t** out_lu, pt2_tensor_t** out_pivots);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_SOLVE_H_
