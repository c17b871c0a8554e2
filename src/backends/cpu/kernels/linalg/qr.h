// SPDX-License-Identifier: Apache-2.0
//
// QR of one matrix of f32, f64, complex64 or complex128: reflections are
// gathered into blocks, so that nearly all of the work is in matrix products.
// Matrices lie column by column; LAPACK's reflections and signs.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_QR_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_QR_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

// A = Q R in place of |a|, m x n: Q as reflections with their factors |tau|, of
// which there are min(m, n).
//
// Errors: OUT_OF_MEMORY, as for the others
PT2_MUST_USE pt2_status_t pt2__qr_factor(int32_t dtype, int64_t m, int64_t n,
                                         void* a, void* tau);
// The first |n| <= m columns of Q in place of |k| <= n reflections.
PT2_MUST_USE pt2_status_t pt2__qr_q(int32_t dtype, int64_t m, int64_t n,
                                    int64_t k, void* a, const void* tau);
// c = Q c or c Q, with Q^H if |adjoint|, for |c| of m x n and the |k|
// reflections in |a|.
PT2_MUST_USE pt2_status_t pt2__qr_apply(int32_t dtype, int64_t m, int64_t n,
                                        int64_t k, const void* a,
                                        const void* tau, bool left,
                                        bool adjoint, void* c);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_QR_H_
