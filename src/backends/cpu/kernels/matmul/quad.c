// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/matmul/quad.h"

#include <stddef.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "backends/cpu/cpu_features.h"

const pt2__quad_kernels_t* pt2__quad_kernels(void) {
#if defined(__x86_64__)
  static const pt2__quad_kernels_t vnni = {
      .rows = 6,
      .few_rows = PT2__QUAD_FEW_ROWS,
      .tile = {pt2__quad_vnni_u8, pt2__quad_vnni_s8},
      .dots = {pt2__quad_vnni_dots_u8, pt2__quad_vnni_dots_s8},
      .sum_columns = pt2__quad_vnni_sum_columns};
  static const pt2__quad_kernels_t bf16 = {
      .rows = 6,
      .rounds = true,
      .few_rows = PT2__QUAD_FEW_ROWS,
      .tile = {pt2__quad_vnni_u8, pt2__quad_vnni_s8, pt2__quad_bf16},
      .dots = {pt2__quad_vnni_dots_u8, pt2__quad_vnni_dots_s8,
               pt2__quad_bf16_dots},
      .lines = pt2__quad_bf16_lines,
      .round = pt2__quad_bf16_round,
      .sum_columns = pt2__quad_vnni_sum_columns};
  static const pt2__quad_kernels_t amx = {
      .rows = 32,
      .few_rows = 8,
      .tile = {pt2__quad_amx_u8, pt2__quad_amx_s8, pt2__quad_amx_bf16},
      .dots = {pt2__quad_vnni_dots_u8, pt2__quad_vnni_dots_s8,
               pt2__quad_bf16_dots},
      .lines = pt2__quad_bf16_lines,
      .round = pt2__quad_bf16_round,
      .sum_columns = pt2__quad_vnni_sum_columns};
  switch (pt2__cpu_level()) {
    case PT2__CPU_AMX:
      return &amx;
    case PT2__CPU_AVX512BF16:
      return &bf16;
    case PT2__CPU_VNNI:
      return &vnni;
    default:
      break;
  }
#endif
  return NULL;
}

#if defined(__SSE2__)
// Four groups of four columns each.
static inline void turn_four(const int8_t* b, int64_t column_bytes,
                             int8_t* panel) {
  __m128i column[4];
  for (int c = 0; c < 4; ++c) {
    column[c] = _mm_loadu_si128((const __m128i*)(b + c * column_bytes));
  }
  __m128i low = _mm_unpacklo_epi32(column[0], column[1]);
  __m128i high = _mm_unpackhi_epi32(column[0], column[1]);
  __m128i next_low = _mm_unpacklo_epi32(column[2], column[3]);
  __m128i next_high = _mm_unpackhi_epi32(column[2], column[3]);
  const __m128i groups[4] = {
      _mm_unpacklo_epi64(low, next_low), _mm_unpackhi_epi64(low, next_low),
      _mm_unpacklo_epi64(high, next_high), _mm_unpackhi_epi64(high, next_high)};
  for (int q = 0; q < 4; ++q) {
    _mm_storeu_si128((__m128i*)(panel + q * PT2__QUAD_BYTES), groups[q]);
  }
}
#endif

void pt2__quad_turn(const void* b, int64_t column_bytes, int64_t quads,
                    int8_t* panel) {
  const int8_t* from = b;
  int64_t q = 0;
#if defined(__SSE2__)
  if (pt2__cpu_level() >= PT2__CPU_VNNI) {
    pt2__quad_vnni_turn(from, column_bytes, quads, panel);
    q = quads / 4 * 4;
  }
  for (; q + 4 <= quads; q += 4) {
    for (int j = 0; j < PT2__QUAD_PANEL_COLUMNS; j += 4) {
      turn_four(from + 4 * q + j * column_bytes, column_bytes,
                panel + q * PT2__QUAD_BYTES + 4 * j);
    }
  }
#endif
  for (; q < quads; ++q) {
    for (int j = 0; j < PT2__QUAD_PANEL_COLUMNS; ++j) {
      memcpy(panel + q * PT2__QUAD_BYTES + 4 * j,
             from + 4 * q + j * column_bytes, 4);
    }
  }
}

#if defined(__SSE2__)
// Two rows of PANEL_COLUMNS contiguous elements side by side.
static inline void interleave(const uint16_t* first, const uint16_t* second,
                              uint16_t* to) {
  for (int j = 0; j < PT2__QUAD_PANEL_COLUMNS; j += 8) {
    __m128i upper = _mm_loadu_si128((const __m128i*)(first + j));
    __m128i lower = _mm_loadu_si128((const __m128i*)(second + j));
    _mm_storeu_si128((__m128i*)(to + 2 * j), _mm_unpacklo_epi16(upper, lower));
    _mm_storeu_si128((__m128i*)(to + 2 * j + 8),
                     _mm_unpackhi_epi16(upper, lower));
  }
}
#else
static inline void interleave(const uint16_t* first, const uint16_t* second,
                              uint16_t* to) {
  for (int j = 0; j < PT2__QUAD_PANEL_COLUMNS; ++j) {
    to[2 * j] = first[j];
    to[2 * j + 1] = second[j];
  }
}
#endif

// |columns| elements of two rows side by side; |second| NULL: zeros.
static inline void pack_pair(const uint16_t* first, const uint16_t* second,
                             int64_t b_cs, int64_t columns, uint16_t* to) {
  for (int64_t j = 0; j < columns; ++j) {
    to[2 * j] = first[j * b_cs];
    to[2 * j + 1] = second != NULL ? second[j * b_cs] : 0;
  }
}

void pt2__quad_pack_pairs(const uint16_t* b, int64_t b_rs, int64_t b_cs,
                          int64_t k, int64_t columns, int8_t* panel) {
  uint16_t* to = (uint16_t*)panel;
  const int step = 2 * PT2__QUAD_PANEL_COLUMNS;
  int64_t i = 0;
  if (columns < PT2__QUAD_PANEL_COLUMNS) {
    memset(panel, 0, (size_t)((k + 1) / 2 * PT2__QUAD_BYTES));
  }
  if (b_cs == 1 && columns == PT2__QUAD_PANEL_COLUMNS) {
    for (; i + 2 <= k; i += 2) {
      interleave(b + i * b_rs, b + (i + 1) * b_rs, to + i / 2 * step);
    }
  } else if (b_rs == 1 && columns == PT2__QUAD_PANEL_COLUMNS) {
    pt2__quad_turn(b, 2 * b_cs, k / 2, panel);
    i = k / 2 * 2;
  }
  for (; i < k; i += 2) {
    const uint16_t* row = b + i * b_rs;
    pack_pair(row, i + 1 < k ? row + b_rs : NULL, b_cs, columns,
              to + i / 2 * step);
  }
}
