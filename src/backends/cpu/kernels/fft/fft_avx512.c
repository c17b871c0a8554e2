// SPDX-License-Identifier: Apache-2.0
//
// Fourier transforms where the CPU has AVX-512.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "backends/cpu/kernels/fft/fft.h"

typedef float vec_f32 __attribute__((vector_size(64)));
typedef double vec_f64 __attribute__((vector_size(64)));

// Two vectors become those that |low| and |high| say: lane by lane the number
// of an element of the first or, from the number of lanes on, of the second.
static inline void permute_f32(vec_f32* first, vec_f32* second, __m512i low,
                               __m512i high) {
  __m512 a = (__m512)*first, b = (__m512)*second;
  *first = (vec_f32)_mm512_permutex2var_ps(a, low, b);
  *second = (vec_f32)_mm512_permutex2var_ps(a, high, b);
}

static inline void permute_f64(vec_f64* first, vec_f64* second, __m512i low,
                               __m512i high) {
  __m512d a = (__m512d)*first, b = (__m512d)*second;
  *first = (vec_f64)_mm512_permutex2var_pd(a, low, b);
  *second = (vec_f64)_mm512_permutex2var_pd(a, high, b);
}

// 0, 1, 2 … times |step|, plus |first|.
static inline __m512i count_f32(int first, int step) {
  const __m512i lanes =
      _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return _mm512_add_epi32(_mm512_mullo_epi32(lanes, _mm512_set1_epi32(step)),
                          _mm512_set1_epi32(first));
}

static inline __m512i count_f64(int first, int step) {
  const __m512i lanes = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm512_add_epi64(_mm512_mullo_epi64(lanes, _mm512_set1_epi64(step)),
                          _mm512_set1_epi64(first));
}

// Sixteen complex numbers become their real and their imaginary parts.
static inline void separate_f32(vec_f32* x) {
  permute_f32(&x[0], &x[1], count_f32(0, 2), count_f32(1, 2));
}

static inline void separate_f64(vec_f64* x) {
  permute_f64(&x[0], &x[1], count_f64(0, 2), count_f64(1, 2));
}

static inline void interleave_f32(vec_f32* x) {
  const __m512i low =
      _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  permute_f32(&x[0], &x[1], low, _mm512_add_epi32(low, _mm512_set1_epi32(8)));
}

static inline void interleave_f64(vec_f64* x) {
  const __m512i low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
  permute_f64(&x[0], &x[1], low, _mm512_add_epi64(low, _mm512_set1_epi64(4)));
}

// Four by four elements in each quarter of four vectors.
static inline void transpose_quarters(vec_f32* x) {
  __m512 a = (__m512)x[0], b = (__m512)x[1];
  __m512 c = (__m512)x[2], d = (__m512)x[3];
  __m512d ab0 = (__m512d)_mm512_unpacklo_ps(a, b);
  __m512d ab2 = (__m512d)_mm512_unpackhi_ps(a, b);
  __m512d cd0 = (__m512d)_mm512_unpacklo_ps(c, d);
  __m512d cd2 = (__m512d)_mm512_unpackhi_ps(c, d);
  x[0] = (vec_f32)_mm512_unpacklo_pd(ab0, cd0);
  x[1] = (vec_f32)_mm512_unpackhi_pd(ab0, cd0);
  x[2] = (vec_f32)_mm512_unpacklo_pd(ab2, cd2);
  x[3] = (vec_f32)_mm512_unpackhi_pd(ab2, cd2);
}

// Two by two elements in each quarter of two vectors.
static inline void transpose_pairs(vec_f64* x) {
  __m512d a = (__m512d)x[0], b = (__m512d)x[1];
  x[0] = (vec_f64)_mm512_unpacklo_pd(a, b);
  x[1] = (vec_f64)_mm512_unpackhi_pd(a, b);
}

// Four by four quarters of the vectors |step| apart.
#define MOVE_QUARTERS(suffix, type, shuffle)                             \
  static inline void move_quarters_##suffix(vec_##suffix* x, int step) { \
    type a = (type)x[0], b = (type)x[step];                              \
    type c = (type)x[2 * step], d = (type)x[3 * step];                   \
    type ab0 = shuffle(a, b, 0x44), ab2 = shuffle(a, b, 0xee);           \
    type cd0 = shuffle(c, d, 0x44), cd2 = shuffle(c, d, 0xee);           \
    x[0] = (vec_##suffix)shuffle(ab0, cd0, 0x88);                        \
    x[step] = (vec_##suffix)shuffle(ab0, cd0, 0xdd);                     \
    x[2 * step] = (vec_##suffix)shuffle(ab2, cd2, 0x88);                 \
    x[3 * step] = (vec_##suffix)shuffle(ab2, cd2, 0xdd);                 \
  }
MOVE_QUARTERS(f32, __m512, _mm512_shuffle_f32x4)
MOVE_QUARTERS(f64, __m512d, _mm512_shuffle_f64x2)

static inline void transpose_f32(vec_f32* x) {
  for (int i = 0; i < 16; i += 4) {
    transpose_quarters(x + i);
  }
  for (int i = 0; i < 4; ++i) {
    move_quarters_f32(x + i, 4);
  }
}

static inline void transpose_f64(vec_f64* x) {
  for (int i = 0; i < 8; i += 2) {
    transpose_pairs(x + i);
  }
  for (int i = 0; i < 2; ++i) {
    move_quarters_f64(x + i, 2);
  }
}

#define REAL float
#define LANES 16
#define NAME(x) x##_f32
#define FMA(a, b, c) \
  ((vec_f32)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define FMS(a, b, c) \
  ((vec_f32)_mm512_fmsub_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define KERNEL pt2__fft_f32_avx512
#include "backends/cpu/kernels/fft/fft.inc"

#define REAL double
#define LANES 8
#define NAME(x) x##_f64
#define FMA(a, b, c) \
  ((vec_f64)_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#define FMS(a, b, c) \
  ((vec_f64)_mm512_fmsub_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#define KERNEL pt2__fft_f64_avx512
#include "backends/cpu/kernels/fft/fft.inc"
#endif
