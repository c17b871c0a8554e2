// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define SOFT_MARGIN_LOOP pt2__soft_margin_loop_avx2
#include "backends/cpu/kernels/elementwise/soft_margin.inc"
#endif
