// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define FLOAT_NORMS pt2__float_norms_avx2
#include "backends/cpu/kernels/reduce/power_sum.inc"
#endif
