// SPDX-License-Identifier: Apache-2.0
//
// Rows of poolings for AVX2.
#if defined(__AVX2__)
#define ISA avx2
#include "backends/cpu/kernels/image/pool_rows.inc"
#else
typedef int pt2__pool_rows_avx2_is_empty_t;
#endif
