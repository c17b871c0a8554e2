// SPDX-License-Identifier: Apache-2.0
//
// Tiles of direct convolution for AVX2 with FMA.
#if defined(__AVX2__) && defined(__FMA__)
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

#define ISA avx2
#define VECTOR_BYTES 32
#define ROWS 6

#define SUFFIX f32
#define REAL float
#define TRANSPOSE_8 transpose_8
#define GROUPED_MOST 4
#define SELECTOR_T __m256i
#define MAKE_SELECTOR(numbers) _mm256_loadu_si256((const __m256i*)(numbers))
// Within halves: a group of four or two never crosses one.
#define PERMUTE(x, selector) \
  ((VEC)_mm256_permutevar_ps((__m256)(x), (selector)))
#define FMA(a, b, c) \
  ((VEC)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#include "backends/cpu/kernels/convolution/conv_tile.inc"

#define SUFFIX f64
#define REAL double
#define FMA(a, b, c) \
  ((VEC)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#include "backends/cpu/kernels/convolution/conv_tile.inc"
#else
typedef int pt2__conv_tile_avx2_is_empty_t;
#endif
