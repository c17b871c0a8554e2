// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define GELU pt2__gelu_f32_avx2
#define VECTOR_BYTES 32
#include "backends/cpu/kernels/elementwise/gelu.inc"
#endif
