// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define SUM_FUNCTIONS pt2__sum_functions_avx2
#define VECTOR_BYTES 32
#include "backends/cpu/kernels/reduce/sums.inc"
#endif
