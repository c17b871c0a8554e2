// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define WEIGHT_NORM_ROW pt2__weight_norm_row_avx512
#include "backends/cpu/kernels/reduce/weight_norm.inc"
#endif
