// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>

#define ROWS pt2__rows_avx2
#include "backends/cpu/kernels/reduce/rows.inc"
#endif
