// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "backends/cpu/kernels/quad.h"

static inline __attribute__((always_inline)) void store(
    const pt2__quad_block_t* block, int row, int column, __m512 sum) {
  if (block->rounded == NULL) {
    _mm512_storeu_ps((float*)block->sums + row * PT2__QUAD_COLUMNS + column,
                     sum);
    return;
  }
  uint16_t* to = block->rounded + row * block->rounded_rs + column;
  __m256i rounded = (__m256i)_mm512_cvtneps_pbh(sum);
  int left = block->columns - column;
  if (left >= PT2__QUAD_PANEL_COLUMNS) {
    _mm256_storeu_si256((__m256i*)to, rounded);
  } else {
    _mm256_mask_storeu_epi16(to, (__mmask16)((1 << left) - 1), rounded);
  }
}

#define NAME pt2__quad_bf16
#define NAME_OF(part) bf16_##part
#define VECTOR __m512
#define START(block, column) _mm512_setzero_ps()
#define TIMES(sum, a, b) _mm512_dpbf16_ps((sum), (__m512bh)(a), (__m512bh)(b))
#define STORE(block, row, column, sum) store(block, row, column, sum)
#define BIAS 0
#include "backends/cpu/kernels/quad.inc"

#undef STORE

void pt2__quad_bf16_round(const float* sums, float alpha,
                          const uint16_t* source, float beta, int64_t count,
                          uint16_t* to) {
  for (int64_t i = 0; i < count; i += 16) {
    int64_t left = count - i;
    __mmask16 valid = (__mmask16)(left < 16 ? (1 << left) - 1 : 0xffff);
    __m512 values = _mm512_mul_ps(_mm512_set1_ps(alpha),
                                  _mm512_maskz_loadu_ps(valid, sums + i));
    if (source != NULL) {
      __m512i wide = _mm512_slli_epi32(
          _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(valid, source + i)),
          16);
      values = _mm512_fmadd_ps(_mm512_set1_ps(beta), _mm512_castsi512_ps(wide),
                               values);
    }
    __m256i rounded = (__m256i)_mm512_cvtneps_pbh(values);
    if (left >= 16) {
      _mm256_storeu_si256((__m256i*)(to + i), rounded);
    } else {
      _mm256_mask_storeu_epi16(to + i, valid, rounded);
    }
  }
}

static inline __m128 parts(__m512 sums) {
  return _mm_add_ps(
      _mm_add_ps(_mm512_castps512_ps128(sums), _mm512_extractf32x4_ps(sums, 1)),
      _mm_add_ps(_mm512_extractf32x4_ps(sums, 2),
                 _mm512_extractf32x4_ps(sums, 3)));
}

static inline void store_four(const pt2__quad_dots_t* dots, int row, int column,
                              int count, __m128 sums) {
  float* to = (float*)dots->sums + row * PT2__QUAD_DOTS_COLUMNS + column;
  if (count >= 4) {
    _mm_storeu_ps(to, sums);
  } else {
    _mm_store_ss(to, sums);
  }
}

#define ZERO() _mm512_setzero_ps()
#define ADD(a, b) _mm512_add_ps((a), (b))
#define LOW32(a, b) _mm512_unpacklo_ps((a), (b))
#define HIGH32(a, b) _mm512_unpackhi_ps((a), (b))
#define LOW64(a, b) \
  _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)))
#define HIGH64(a, b) \
  _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)))
#define QUARTER __m128
#define PARTS(sum) parts(sum)
#define NAME pt2__quad_bf16_dots
#define NAME_OF(part) bf16_dots_##part
#define BIASED(b) (b)
#define STORE(dots, row, column, count, sums) \
  store_four(dots, row, column, count, sums)
#include "backends/cpu/kernels/quad_dots.inc"
#endif
