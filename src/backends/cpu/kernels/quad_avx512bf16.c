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
#endif
