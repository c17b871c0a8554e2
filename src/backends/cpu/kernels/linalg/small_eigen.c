// SPDX-License-Identifier: Apache-2.0
#define SMALL_EIGEN pt2__small_eigen_generic
#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/linalg/small_eigen_body.inc"

bool pt2__small_eigen_fits(int32_t dtype, int n) {
  return (dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64 ||
          dtype == PT2_DTYPE_COMPLEX64 || dtype == PT2_DTYPE_COMPLEX128) &&
         n <= MOST;
}

bool pt2__small_eigen(int32_t dtype, int n, bool upper, bool vectors, void* a,
                      void* values) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return pt2__small_eigen_avx2(dtype, n, upper, vectors, a, values);
  }
#endif
  return pt2__small_eigen_generic(dtype, n, upper, vectors, a, values);
}
