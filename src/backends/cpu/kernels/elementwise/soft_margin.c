// SPDX-License-Identifier: Apache-2.0
#define SOFT_MARGIN_LOOP pt2__soft_margin_loop_generic
#include "backends/cpu/kernels/elementwise/soft_margin.inc"

#include "backends/cpu/cpu_features.h"

pt2__elementwise_loop_fn pt2__soft_margin_loop(int32_t dtype) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return pt2__soft_margin_loop_avx512(dtype);
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return pt2__soft_margin_loop_avx2(dtype);
  }
#endif
  return pt2__soft_margin_loop_generic(dtype);
}
