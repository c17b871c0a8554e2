// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "backends/cpu/kernels/quad.h"

#define NAME pt2__quad_bf16
#define NAME_OF(part) bf16_##part
#define VECTOR __m512
#define ZERO() _mm512_setzero_ps()
#define TIMES(sum, a, b) _mm512_dpbf16_ps((sum), (__m512bh)(a), (__m512bh)(b))
#define STORE(to, sum) _mm512_storeu_ps((to), (sum))
#define BIAS 0
#define UNBIAS(block) ((void)0)
#include "backends/cpu/kernels/quad.inc"
#endif
