// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/quantized/qlayer.h"

#include "backends/cpu/cpu_features.h"

const pt2__qlayer_kernels_t* pt2__qlayer_kernels(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return &pt2__qlayer_avx512;
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return &pt2__qlayer_avx2;
  }
#endif
  return &pt2__qlayer_generic;
}
