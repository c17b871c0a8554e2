// SPDX-License-Identifier: Apache-2.0
#define COMPLEX_LOOPS pt2__complex_loops_generic
#include "backends/cpu/kernels/complex/complex_loops.inc"

#include "backends/cpu/cpu_features.h"

const pt2__complex_loops_t* pt2__complex_loops(
    pt2__complex_function_t function) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return &pt2__complex_loops_avx512[function];
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return &pt2__complex_loops_avx2[function];
  }
#endif
  return &pt2__complex_loops_generic[function];
}
