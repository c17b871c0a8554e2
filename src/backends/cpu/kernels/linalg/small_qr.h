// SPDX-License-Identifier: Apache-2.0
//
// QR of single matrices so small that blocks of reflections do not pay. Real
// numbers, column by column, LAPACK's reflections and signs.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_SMALL_QR_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_SMALL_QR_H_

#include <stdbool.h>
#include <stdint.h>

// Most rows and columns.
#define PT2__SMALL_QR 32

// Whether the functions below do for m x n of |dtype|.
bool pt2__small_qr_fits(int32_t dtype, int64_t m, int64_t n);

// A = Q R in place of |a|, Q as reflections with their factors |tau|, of which
// there are min(m, n). False: |a| and |tau| are untouched, as it has numbers
// whose squares are not exact enough, or no numbers.
bool pt2__small_qr(int32_t dtype, int m, int n, void* a, void* tau);

// The first |n| <= m columns of Q in place of |k| <= n reflections.
void pt2__small_q(int32_t dtype, int m, int n, int k, void* a, const void* tau);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_SMALL_QR_H_
