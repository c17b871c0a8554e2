// SPDX-License-Identifier: Apache-2.0
//
// Householder's method, as in LAPACK's geqr2 and org2r.
#include "backends/cpu/kernels/linalg/small_qr.h"

#include <math.h>
#include <string.h>

#include "pt2/tensor.h"

#define MOST PT2__SMALL_QR
// Up to so many rows and columns, whole functions are unrolled.
#define FEW 4
// Sums that are taken side by side.
#define LANES 8
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")

#define REAL float
#define NAME(x) x##_f32
#define SQRT sqrtf
#define ABS fabsf
#define LOWEST 1e-12f
#define HIGHEST 1e18f
#include "backends/cpu/kernels/linalg/small_qr.inc"

#define REAL double
#define NAME(x) x##_f64
#define SQRT sqrt
#define ABS fabs
#define LOWEST 1e-120
#define HIGHEST 1e150
#include "backends/cpu/kernels/linalg/small_qr.inc"

bool pt2__small_qr_fits(int32_t dtype, int64_t m, int64_t n) {
  return (dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64) && m <= MOST &&
         n <= MOST;
}

bool pt2__small_qr(int32_t dtype, int m, int n, void* a, void* tau) {
  return dtype == PT2_DTYPE_F32 ? run_qr_f32(m, n, a, tau)
                                : run_qr_f64(m, n, a, tau);
}

void pt2__small_q(int32_t dtype, int m, int n, int k, void* a,
                  const void* tau) {
  if (dtype == PT2_DTYPE_F32) {
    run_q_f32(m, n, k, a, tau);
  } else {
    run_q_f64(m, n, k, a, tau);
  }
}
