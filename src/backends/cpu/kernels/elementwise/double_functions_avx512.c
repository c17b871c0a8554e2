// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define DOUBLE_LOOPS pt2__double_loops_avx512
#define ANGLE_C128 pt2__angle_c128_avx512
#include "backends/cpu/kernels/elementwise/double_functions.inc"
#endif
