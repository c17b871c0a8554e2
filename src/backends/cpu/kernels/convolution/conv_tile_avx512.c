// SPDX-License-Identifier: Apache-2.0
//
// Tiles of direct convolution for AVX-512.
#if defined(__AVX512F__)
#include <immintrin.h>
#include <string.h>

#include "backends/cpu/kernels/convolution/conv_tile.h"

// Eight rows by eight columns of floats.
static inline void transpose_8(const float* from, int64_t from_stride,
                               float* to, int64_t to_stride) {
  __m256 a[8], b[8];
  for (int i = 0; i < 8; ++i) {
    a[i] = _mm256_loadu_ps(from + i * from_stride);
  }
  for (int i = 0; i < 8; i += 2) {
    b[i] = _mm256_unpacklo_ps(a[i], a[i + 1]);
    b[i + 1] = _mm256_unpackhi_ps(a[i], a[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    a[i] = _mm256_shuffle_ps(b[i], b[i + 2], 0x44);
    a[i + 1] = _mm256_shuffle_ps(b[i], b[i + 2], 0xEE);
    a[i + 2] = _mm256_shuffle_ps(b[i + 1], b[i + 3], 0x44);
    a[i + 3] = _mm256_shuffle_ps(b[i + 1], b[i + 3], 0xEE);
  }
  for (int i = 0; i < 4; ++i) {
    _mm256_storeu_ps(to + i * to_stride,
                     _mm256_permute2f128_ps(a[i], a[i + 4], 0x20));
    _mm256_storeu_ps(to + (i + 4) * to_stride,
                     _mm256_permute2f128_ps(a[i], a[i + 4], 0x31));
  }
}

#define ISA avx512
#define VECTOR_BYTES 64
#define ROWS 8

#define SUFFIX f32
#define REAL float
#define TRANSPOSE_8 transpose_8
#define GROUPED_MOST 8
#define SELECTOR_T __m512i
#define MAKE_SELECTOR(numbers) _mm512_loadu_si512(numbers)
#define PERMUTE(x, selector) \
  ((VEC)_mm512_permutexvar_ps((selector), (__m512)(x)))
#define FMA(a, b, c) \
  ((VEC)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#include "backends/cpu/kernels/convolution/conv_tile.inc"

#define SUFFIX f64
#define REAL double
#define FMA(a, b, c) \
  ((VEC)_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#include "backends/cpu/kernels/convolution/conv_tile.inc"
#else
typedef int pt2__conv_tile_avx512_is_empty_t;
#endif
