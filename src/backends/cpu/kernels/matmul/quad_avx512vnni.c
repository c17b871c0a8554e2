// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "backends/cpu/kernels/matmul/quad.h"

#define VECTOR __m512i
#define TIMES(sum, a, b) _mm512_dpbusd_epi32((sum), (a), (b))
#define STORE(block, row, column, sum) store(block, row, column, sum)

static inline void store(const pt2__quad_block_t* block, int row, int column,
                         __m512i sum) {
  _mm512_storeu_si512((int32_t*)block->sums + row * PT2__QUAD_COLUMNS + column,
                      sum);
}

// The instruction takes A's bytes without a sign. Signed ones get 128 more,
// which the sums of B's columns times 128 are in the end too much.
static inline __m512i minus_bias(const pt2__quad_block_t* block, int column) {
  int left = block->columns - column;
  __mmask16 valid =
      (__mmask16)(left < PT2__QUAD_PANEL_COLUMNS ? (1 << left) - 1 : 0xffff);
  __m512i sums = _mm512_maskz_loadu_epi32(valid, block->column_sums + column);
  return _mm512_sub_epi32(_mm512_setzero_si512(), _mm512_slli_epi32(sums, 7));
}

#define NAME pt2__quad_vnni_u8
#define NAME_OF(part) u8_##part
#define START(block, column) _mm512_setzero_si512()
#define BIAS 0
#include "backends/cpu/kernels/matmul/quad.inc"

#define NAME pt2__quad_vnni_s8
#define NAME_OF(part) s8_##part
#define START(block, column) minus_bias(block, column)
#define BIAS (int32_t)0x80808080U
#include "backends/cpu/kernels/matmul/quad.inc"

#undef STORE

// 16 bytes of every fourth column.
static inline __m512i load_four(const int8_t* b, int64_t column_bytes) {
  const int64_t step = 4 * column_bytes;
  __m512i columns = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i*)b));
  columns = _mm512_inserti32x4(columns,
                               _mm_loadu_si128((const __m128i*)(b + step)), 1);
  columns = _mm512_inserti32x4(
      columns, _mm_loadu_si128((const __m128i*)(b + 2 * step)), 2);
  return _mm512_inserti32x4(columns,
                            _mm_loadu_si128((const __m128i*)(b + 3 * step)), 3);
}

void pt2__quad_vnni_turn(const int8_t* b, int64_t column_bytes, int64_t quads,
                         int8_t* panel) {
  for (; quads >= 4; quads -= 4) {
    __m512i first = load_four(b, column_bytes);
    __m512i second = load_four(b + column_bytes, column_bytes);
    __m512i third = load_four(b + 2 * column_bytes, column_bytes);
    __m512i fourth = load_four(b + 3 * column_bytes, column_bytes);
    __m512i low = _mm512_unpacklo_epi32(first, second);
    __m512i high = _mm512_unpackhi_epi32(first, second);
    __m512i next_low = _mm512_unpacklo_epi32(third, fourth);
    __m512i next_high = _mm512_unpackhi_epi32(third, fourth);
    const __m512i groups[4] = {_mm512_unpacklo_epi64(low, next_low),
                               _mm512_unpackhi_epi64(low, next_low),
                               _mm512_unpacklo_epi64(high, next_high),
                               _mm512_unpackhi_epi64(high, next_high)};
    for (int q = 0; q < 4; ++q) {
      _mm512_storeu_si512(panel + q * PT2__QUAD_BYTES, groups[q]);
    }
    b += 16;
    panel += 4 * PT2__QUAD_BYTES;
  }
}

void pt2__quad_vnni_sum_columns(const int8_t* panel, int64_t quads, int columns,
                                int32_t* sums) {
  const __m512i ones = _mm512_set1_epi8(1);
  __m512i total[4];
  for (int i = 0; i < 4; ++i) {
    total[i] = _mm512_setzero_si512();
  }
  int64_t q = 0;
  for (; q + 4 <= quads; q += 4) {
    for (int i = 0; i < 4; ++i) {
      total[i] = _mm512_dpbusd_epi32(
          total[i], ones,
          _mm512_loadu_si512(panel + (q + i) * PT2__QUAD_BYTES));
    }
  }
  for (; q < quads; ++q) {
    total[0] = _mm512_dpbusd_epi32(
        total[0], ones, _mm512_loadu_si512(panel + q * PT2__QUAD_BYTES));
  }
  total[0] = _mm512_add_epi32(_mm512_add_epi32(total[0], total[1]),
                              _mm512_add_epi32(total[2], total[3]));
  __mmask16 valid = (__mmask16)((1U << columns) - 1);
  _mm512_mask_storeu_epi32(sums, valid, total[0]);
}

static inline __m128i parts(__m512i sums) {
  return _mm_add_epi32(_mm_add_epi32(_mm512_castsi512_si128(sums),
                                     _mm512_extracti32x4_epi32(sums, 1)),
                       _mm_add_epi32(_mm512_extracti32x4_epi32(sums, 2),
                                     _mm512_extracti32x4_epi32(sums, 3)));
}

static inline void store_four(const pt2__quad_dots_t* dots, int row, int column,
                              int count, __m128i sums) {
  int32_t* to = (int32_t*)dots->sums + row * PT2__QUAD_DOTS_COLUMNS + column;
  if (count >= 4) {
    _mm_storeu_si128((__m128i*)to, sums);
  } else {
    *to = _mm_cvtsi128_si32(sums);
  }
}

static inline void store_biased(const pt2__quad_dots_t* dots, int row,
                                int column, int count, __m128i sums) {
  __m128i extra = _mm_slli_epi32(_mm_set1_epi32(dots->row_sums[row]), 7);
  store_four(dots, row, column, count, _mm_sub_epi32(sums, extra));
}

#define ZERO() _mm512_setzero_si512()
#define ADD(a, b) _mm512_add_epi32((a), (b))
#define LOW32(a, b) _mm512_unpacklo_epi32((a), (b))
#define HIGH32(a, b) _mm512_unpackhi_epi32((a), (b))
#define LOW64(a, b) _mm512_unpacklo_epi64((a), (b))
#define HIGH64(a, b) _mm512_unpackhi_epi64((a), (b))
#define QUARTER __m128i
#define PARTS(sum) parts(sum)

#define NAME pt2__quad_vnni_dots_u8
#define NAME_OF(part) u8_dots_##part
#define BIASED(b) (b)
#define STORE(dots, row, column, count, sums) \
  store_four(dots, row, column, count, sums)
#include "backends/cpu/kernels/matmul/quad_dots.inc"

#undef TIMES

// B's bytes get 128 more, and A's have the sign.
#define NAME pt2__quad_vnni_dots_s8
#define NAME_OF(part) s8_dots_##part
#define TIMES(sum, a, b) _mm512_dpbusd_epi32((sum), (b), (a))
#define BIASED(b) _mm512_xor_si512((b), _mm512_set1_epi8((char)0x80))
#define STORE(dots, row, column, count, sums) \
  store_biased(dots, row, column, count, sums)
#include "backends/cpu/kernels/matmul/quad_dots.inc"
#endif
