// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>

#define VECTOR_BYTES 32

#define REAL float
#define FUNCTION pt2__conv_depthwise_f32_avx2
#define FMA(a, b, c) \
  ((VEC)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#include "backends/cpu/kernels/convolution/conv_gradient.inc"

#define REAL double
#define FUNCTION pt2__conv_depthwise_f64_avx2
#define FMA(a, b, c) \
  ((VEC)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#include "backends/cpu/kernels/convolution/conv_gradient.inc"
#endif
