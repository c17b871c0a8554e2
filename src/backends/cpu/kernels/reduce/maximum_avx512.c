// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define MAXIMUM_ROW pt2__maximum_row_avx512
#include "backends/cpu/kernels/reduce/maximum.inc"
#endif
