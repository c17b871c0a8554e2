// SPDX-License-Identifier: Apache-2.0
//
// LU and Cholesky factorizations of one matrix, f32, f64, complex64 and
// complex128. Halves are factored one after the other: nearly all of the work
// is in matrix products.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_LU_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_LU_H_

#include "backends/cpu/kernels/linalg/trisolve.h"

// P A = L U in place of |a| (m x n, |a|.rs 1), rows exchanged by size.
// |pivots| gets min(m, n) row numbers from 1, |*out_info| the first column from
// 1 whose pivot is 0, or 0.
//
// Errors: OUT_OF_MEMORY, as for the others
PT2_MUST_USE pt2_status_t pt2__lu_factor(int32_t dtype, int64_t m, int64_t n,
                                         pt2__matrix_t a, int32_t* pivots,
                                         int32_t* out_info);
// Solves A x = b, or A^T x = b if |transpose|, in place of |b|, n x columns.
PT2_MUST_USE pt2_status_t pt2__lu_apply(int32_t dtype, int64_t n,
                                        pt2__matrix_t lu, const int32_t* pivots,
                                        bool transpose, pt2__matrix_t b,
                                        int64_t columns);
// A = L L^H in place of the lower triangle, which alone is read; the upper one
// is overwritten. With A's transpose: A = U^H U, U L's transpose. |*out_info|:
// the first minor from 1 that is not positive, or 0.
PT2_MUST_USE pt2_status_t pt2__cholesky_factor(int32_t dtype, int64_t n,
                                               pt2__matrix_t a,
                                               int32_t* out_info);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_LU_H_
