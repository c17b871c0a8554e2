// SPDX-License-Identifier: Apache-2.0
#define SUM_FUNCTIONS pt2__sum_functions_generic
#define VECTOR_BYTES 16
#include "backends/cpu/kernels/reduce/sums.inc"

#include "backends/cpu/cpu_features.h"

const pt2__sum_functions_t* pt2__sum_functions(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return &pt2__sum_functions_avx2;
  }
#endif
  return &pt2__sum_functions_generic;
}
