// SPDX-License-Identifier: Apache-2.0
#define GELU pt2__gelu_f32_generic
#define VECTOR_BYTES 16
#include "backends/cpu/kernels/elementwise/gelu.inc"

#include "backends/cpu/cpu_features.h"

void pt2__gelu_f32(float* values, int64_t count) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    pt2__gelu_f32_avx2(values, count);
    return;
  }
#endif
  pt2__gelu_f32_generic(values, count);
}
