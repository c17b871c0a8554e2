// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "backends/cpu/kernels/matmul/quad.h"

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
#include "backends/cpu/kernels/matmul/quad.inc"

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
#include "backends/cpu/kernels/matmul/quad_dots.inc"

// ---- One row, rows of B contiguous ------------------------------------------

#define VECTORS 4
#define LINE_COLUMNS 32  // of a vector of B

// Sums of LINE_COLUMNS columns, of each eight the lower and the upper four.
typedef struct {
  __m512 lower, upper;
} line_t;

static inline __attribute__((always_inline)) void add_pair(line_t* sums,
                                                           __m512i pair,
                                                           __m512i first,
                                                           __m512i second) {
  sums->lower =
      _mm512_dpbf16_ps(sums->lower, (__m512bh)pair,
                       (__m512bh)_mm512_unpacklo_epi16(first, second));
  sums->upper =
      _mm512_dpbf16_ps(sums->upper, (__m512bh)pair,
                       (__m512bh)_mm512_unpackhi_epi16(first, second));
}

static inline __attribute__((always_inline)) void store_line(
    float* to, const line_t* sums) {
  const __m512i first =
      _mm512_setr_epi32(0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(8));
  _mm512_storeu_ps(to, _mm512_permutex2var_ps(sums->lower, first, sums->upper));
  _mm512_storeu_ps(to + 16,
                   _mm512_permutex2var_ps(sums->lower, second, sums->upper));
}

// The first |vectors| vectors of columns, of which the last has |valid|.
static inline __attribute__((always_inline)) void multiply_lines(
    const int vectors, __mmask32 valid, const uint16_t* a, int64_t k,
    const uint16_t* b, int64_t b_rs, float* sums) {
  line_t line[VECTORS];
  for (int v = 0; v < vectors; ++v) {
    line[v].lower = line[v].upper = _mm512_setzero_ps();
  }
  for (; k > 0; k -= 2) {
    const uint16_t* next = b + b_rs;
    uint32_t pair = a[0];
    if (k > 1) {
      memcpy(&pair, a, sizeof(pair));
    }
    __m512i left = _mm512_set1_epi32((int32_t)pair);
    for (int v = 0; v < vectors; ++v) {
      const int at = v * LINE_COLUMNS;
      __m512i first = _mm512_maskz_loadu_epi16(valid, b + at);
      __m512i second = k > 1 ? _mm512_maskz_loadu_epi16(valid, next + at)
                             : _mm512_setzero_si512();
      add_pair(line + v, left, first, second);
    }
    a += 2;
    b = next + b_rs;
  }
  for (int v = 0; v < vectors; ++v) {
    store_line(sums + v * LINE_COLUMNS, line + v);
  }
}

void pt2__quad_bf16_lines(const uint16_t* a, int64_t k, const uint16_t* b,
                          int64_t b_rs, int columns, float* sums) {
  if (columns == VECTORS * LINE_COLUMNS) {
    multiply_lines(VECTORS, ~(__mmask32)0, a, k, b, b_rs, sums);
    return;
  }
  for (int j = 0; j < columns; j += LINE_COLUMNS) {
    int left = columns - j;
    __mmask32 valid = ~(__mmask32)0;
    if (left < LINE_COLUMNS) {
      valid = ((__mmask32)1 << left) - 1;
    }
    multiply_lines(1, valid, a, k, b + j, b_rs, sums + j);
  }
}
#endif
