// SPDX-License-Identifier: Apache-2.0
//
// Backward operators of poolings for AVX2.
#if defined(__AVX2__)
#define ISA avx2
#include "backends/cpu/kernels/image/pool_backward.inc"
#else
typedef int pt2__pool_backward_avx2_is_empty_t;
#endif
