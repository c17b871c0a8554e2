// SPDX-License-Identifier: Apache-2.0
#define COMPLEX_FOLDS pt2__complex_folds_generic
#define VECTOR_BYTES 16
#include "backends/cpu/kernels/complex/complex_fold.inc"

#include "backends/cpu/cpu_features.h"

const pt2__complex_folds_t* pt2__complex_folds(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return &pt2__complex_folds_avx512;
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return &pt2__complex_folds_avx2;
  }
#endif
  return &pt2__complex_folds_generic;
}
