// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define ANGLE_C64 pt2__angle_c64_avx512
#include "backends/cpu/kernels/elementwise/arc_tangent.inc"
#endif
