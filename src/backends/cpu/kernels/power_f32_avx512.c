// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define POWER_LOOP pt2__power_f32_avx512
#include "backends/cpu/kernels/power_f32.inc"
#endif
