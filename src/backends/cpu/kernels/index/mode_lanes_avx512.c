// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define MODE_LANES pt2__mode_lanes_avx512
#include "backends/cpu/kernels/index/mode_lanes.inc"
#endif
