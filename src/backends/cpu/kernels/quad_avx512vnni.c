// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "backends/cpu/kernels/quad.h"

#define VECTOR __m512i
#define TIMES(sum, a, b) _mm512_dpbusd_epi32((sum), (a), (b))
#define STORE(block, row, column, sum) store(block, row, column, sum)

static inline void store(const pt2__quad_block_t* block, int row, int column,
                         __m512i sum) {
  _mm512_storeu_si512(
      (int32_t*)block->sums + row * PT2__QUAD_COLUMNS + column, sum);
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
#include "backends/cpu/kernels/quad.inc"

#define NAME pt2__quad_vnni_s8
#define NAME_OF(part) s8_##part
#define START(block, column) minus_bias(block, column)
#define BIAS (int32_t)0x80808080U
#include "backends/cpu/kernels/quad.inc"
#endif
