// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define BAG_SUM pt2__bag_sum_avx2
#define TILE 64
#define VECTOR_BYTES 32
#include "backends/cpu/kernels/index/bag_sum.inc"
#endif
