// SPDX-License-Identifier: Apache-2.0
#define SMALL_LDL pt2__small_ldl_generic
#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/linalg/small_ldl_body.inc"

bool pt2__small_ldl_fits(int32_t dtype, int n) {
  return (dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64) && n <= 64;
}

int pt2__small_ldl(int32_t dtype, int n, void* a, int* pivots) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return pt2__small_ldl_avx2(dtype, n, a, pivots);
  }
#endif
  return pt2__small_ldl_generic(dtype, n, a, pivots);
}
