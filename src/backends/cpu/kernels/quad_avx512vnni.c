// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "backends/cpu/kernels/quad.h"

// The instruction takes A's bytes without a sign. Signed ones get 128 more,
// which the sums of B's columns times 128 are in the end too much.
static void subtract_bias(const pt2__quad_block_t* block) {
  for (int panel = 0; panel < block->panels; ++panel) {
    int first = panel * PT2__QUAD_PANEL_COLUMNS;
    int left = block->columns - first;
    __mmask16 valid =
        (__mmask16)(left < PT2__QUAD_PANEL_COLUMNS ? (1 << left) - 1 : 0xffff);
    __m512i extra = _mm512_slli_epi32(
        _mm512_maskz_loadu_epi32(valid, block->column_sums + first), 7);
    int32_t* sums = (int32_t*)block->sums + first;
    for (int r = 0; r < block->rows; ++r) {
      int32_t* row = sums + r * PT2__QUAD_COLUMNS;
      _mm512_storeu_si512(row,
                          _mm512_sub_epi32(_mm512_loadu_si512(row), extra));
    }
  }
}

#define NAME pt2__quad_vnni_u8
#define NAME_OF(part) u8_##part
#define VECTOR __m512i
#define ZERO() _mm512_setzero_si512()
#define TIMES(sum, a, b) _mm512_dpbusd_epi32((sum), (a), (b))
#define STORE(to, sum) _mm512_storeu_si512((to), (sum))
#define BIAS 0
#define UNBIAS(block) ((void)0)
#include "backends/cpu/kernels/quad.inc"

#define NAME pt2__quad_vnni_s8
#define NAME_OF(part) s8_##part
#define VECTOR __m512i
#define ZERO() _mm512_setzero_si512()
#define TIMES(sum, a, b) _mm512_dpbusd_epi32((sum), (a), (b))
#define STORE(to, sum) _mm512_storeu_si512((to), (sum))
#define BIAS (int32_t)0x80808080U
#define UNBIAS(block) subtract_bias(block)
#include "backends/cpu/kernels/quad.inc"
#endif
