// SPDX-License-Identifier: Apache-2.0
#define BAG_SUM pt2__bag_sum_generic
#define TILE 32
#define VECTOR_BYTES 16
#include "backends/cpu/kernels/index/bag_sum.inc"

#include "backends/cpu/cpu_features.h"

int64_t pt2__bag_sum(const pt2__bag_sum_t* bag, int64_t first, int64_t last,
                     float* sum) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return pt2__bag_sum_avx2(bag, first, last, sum);
  }
#endif
  return pt2__bag_sum_generic(bag, first, last, sum);
}
