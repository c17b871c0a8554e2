// SPDX-License-Identifier: Apache-2.0
//
// Normal numbers where the CPU has AVX2 and FMA.
#if defined(__x86_64__)
#define NORMAL_BLOCKS pt2__normal_blocks_avx2
#include "backends/cpu/random/normal_blocks.inc"
#endif
