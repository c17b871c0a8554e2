// SPDX-License-Identifier: Apache-2.0
//
// Fourier transforms where the CPU has AVX-512.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "backends/cpu/kernels/fft.h"

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

// Swaps the off-diagonal blocks of |block| x |block|, for each such block on
// the diagonal of twice its size.
#define SWAP_BLOCKS(suffix, lanes, bits)                                  \
  static inline __attribute__((always_inline)) void swap_blocks_##suffix( \
      vec_##suffix* x, const int block) {                                 \
    const __m512i lane = count_##suffix(0, 1);                            \
    const __m512i size = _mm512_set1_epi##bits(block);                    \
    const __m512i other = _mm512_set1_epi##bits(lanes);                   \
    /* Lanes of the right half of their block pair. */                    \
    const __mmask16 right = _mm512_test_epi##bits##_mask(lane, size);     \
    const __m512i low = _mm512_mask_add_epi##bits(                        \
        lane, right, _mm512_sub_epi##bits(lane, size), other);            \
    const __m512i high = _mm512_mask_add_epi##bits(                       \
        _mm512_add_epi##bits(lane, size), right, lane, other);            \
    for (int i = 0; i < lanes; ++i) {                                     \
      if ((i & block) == 0) {                                             \
        permute_##suffix(&x[i], &x[i + block], low, high);                \
      }                                                                   \
    }                                                                     \
  }
SWAP_BLOCKS(f32, 16, 32)
SWAP_BLOCKS(f64, 8, 64)

static inline void transpose_f32(vec_f32* x) {
  swap_blocks_f32(x, 8);
  swap_blocks_f32(x, 4);
  swap_blocks_f32(x, 2);
  swap_blocks_f32(x, 1);
}

static inline void transpose_f64(vec_f64* x) {
  swap_blocks_f64(x, 4);
  swap_blocks_f64(x, 2);
  swap_blocks_f64(x, 1);
}

#define REAL float
#define LANES 16
#define NAME(x) x##_f32
#define FMA(a, b, c) \
  ((vec_f32)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define FMS(a, b, c) \
  ((vec_f32)_mm512_fmsub_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define KERNEL pt2__fft_f32_avx512
#include "backends/cpu/kernels/fft.inc"

#define REAL double
#define LANES 8
#define NAME(x) x##_f64
#define FMA(a, b, c) \
  ((vec_f64)_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#define FMS(a, b, c) \
  ((vec_f64)_mm512_fmsub_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#define KERNEL pt2__fft_f64_avx512
#include "backends/cpu/kernels/fft.inc"
#endif
