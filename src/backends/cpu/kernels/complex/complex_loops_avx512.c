// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define COMPLEX_LOOPS pt2__complex_loops_avx512
#include "backends/cpu/kernels/complex/complex_loops.inc"
#endif
