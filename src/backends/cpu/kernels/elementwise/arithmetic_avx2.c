// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define ARITHMETIC_LOOP pt2__arithmetic_loop_avx2
#include "backends/cpu/kernels/elementwise/arithmetic.inc"
#endif
