// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define FLOAT_LOOPS pt2__float_loops_avx2
#define BF16_LOOPS pt2__bf16_loops_avx2
#include "backends/cpu/kernels/elementwise/float_functions.inc"
#endif
