// SPDX-License-Identifier: Apache-2.0
//
// Fourier transforms where the CPU has AVX2 and FMA.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "backends/cpu/kernels/fft/fft.h"

typedef float vec_f32 __attribute__((vector_size(32)));
typedef double vec_f64 __attribute__((vector_size(32)));

// Eight complex numbers become their real and their imaginary parts.
static inline void separate_f32(vec_f32* x) {
  __m256 a = (__m256)x[0], b = (__m256)x[1];
  __m256d re = _mm256_castps_pd(_mm256_shuffle_ps(a, b, 0x88));
  __m256d im = _mm256_castps_pd(_mm256_shuffle_ps(a, b, 0xdd));
  x[0] = (vec_f32)_mm256_permute4x64_pd(re, 0xd8);
  x[1] = (vec_f32)_mm256_permute4x64_pd(im, 0xd8);
}

static inline void interleave_f32(vec_f32* x) {
  __m256 low = _mm256_unpacklo_ps((__m256)x[0], (__m256)x[1]);
  __m256 high = _mm256_unpackhi_ps((__m256)x[0], (__m256)x[1]);
  x[0] = (vec_f32)_mm256_permute2f128_ps(low, high, 0x20);
  x[1] = (vec_f32)_mm256_permute2f128_ps(low, high, 0x31);
}

static inline void transpose_f32(vec_f32* x) {
  __m256 pair[8], four[8];
  for (int i = 0; i < 4; ++i) {
    __m256 a = (__m256)x[2 * i], b = (__m256)x[2 * i + 1];
    pair[2 * i] = _mm256_unpacklo_ps(a, b);
    pair[2 * i + 1] = _mm256_unpackhi_ps(a, b);
  }
  for (int i = 0; i < 2; ++i) {
    const __m256* p = pair + 4 * i;
    four[4 * i] = _mm256_shuffle_ps(p[0], p[2], 0x44);
    four[4 * i + 1] = _mm256_shuffle_ps(p[0], p[2], 0xee);
    four[4 * i + 2] = _mm256_shuffle_ps(p[1], p[3], 0x44);
    four[4 * i + 3] = _mm256_shuffle_ps(p[1], p[3], 0xee);
  }
  for (int i = 0; i < 4; ++i) {
    x[i] = (vec_f32)_mm256_permute2f128_ps(four[i], four[i + 4], 0x20);
    x[i + 4] = (vec_f32)_mm256_permute2f128_ps(four[i], four[i + 4], 0x31);
  }
}

static inline void separate_f64(vec_f64* x) {
  __m256d a = (__m256d)x[0], b = (__m256d)x[1];
  x[0] = (vec_f64)_mm256_permute4x64_pd(_mm256_unpacklo_pd(a, b), 0xd8);
  x[1] = (vec_f64)_mm256_permute4x64_pd(_mm256_unpackhi_pd(a, b), 0xd8);
}

static inline void interleave_f64(vec_f64* x) {
  __m256d low = _mm256_unpacklo_pd((__m256d)x[0], (__m256d)x[1]);
  __m256d high = _mm256_unpackhi_pd((__m256d)x[0], (__m256d)x[1]);
  x[0] = (vec_f64)_mm256_permute2f128_pd(low, high, 0x20);
  x[1] = (vec_f64)_mm256_permute2f128_pd(low, high, 0x31);
}

static inline void transpose_f64(vec_f64* x) {
  __m256d low0 = _mm256_unpacklo_pd((__m256d)x[0], (__m256d)x[1]);
  __m256d high0 = _mm256_unpackhi_pd((__m256d)x[0], (__m256d)x[1]);
  __m256d low1 = _mm256_unpacklo_pd((__m256d)x[2], (__m256d)x[3]);
  __m256d high1 = _mm256_unpackhi_pd((__m256d)x[2], (__m256d)x[3]);
  x[0] = (vec_f64)_mm256_permute2f128_pd(low0, low1, 0x20);
  x[1] = (vec_f64)_mm256_permute2f128_pd(high0, high1, 0x20);
  x[2] = (vec_f64)_mm256_permute2f128_pd(low0, low1, 0x31);
  x[3] = (vec_f64)_mm256_permute2f128_pd(high0, high1, 0x31);
}

#define REAL float
#define LANES 8
#define NAME(x) x##_f32
#define FMA(a, b, c) \
  ((vec_f32)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define FMS(a, b, c) \
  ((vec_f32)_mm256_fmsub_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define KERNEL pt2__fft_f32_avx2
#include "backends/cpu/kernels/fft/fft.inc"

#define REAL double
#define LANES 4
#define NAME(x) x##_f64
#define FMA(a, b, c) \
  ((vec_f64)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#define FMS(a, b, c) \
  ((vec_f64)_mm256_fmsub_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#define KERNEL pt2__fft_f64_avx2
#include "backends/cpu/kernels/fft/fft.inc"
#endif
