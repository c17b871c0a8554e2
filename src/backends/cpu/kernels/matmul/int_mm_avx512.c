// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

static inline __m512i splat_pair(const int16_t* address) {
  int32_t pair;
  memcpy(&pair, address, sizeof(pair));
  return _mm512_set1_epi32(pair);
}

#define KERNELS pt2__int_mm_avx512
#define MR 12
#define LANES 16
#define VECTOR __m512i
#define PAIRS __m512i
#define ZERO() _mm512_setzero_si512()
#define LOAD(address) _mm512_loadu_si512((address))
#define STORE(address, vector) _mm512_storeu_si512((address), (vector))
#define ADD(a, b) _mm512_add_epi32((a), (b))
#define SPLAT_PAIR(address) splat_pair(address)
#define WIDEN(address) \
  _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i*)(address)))
#define LOAD_PAIRS(address) _mm512_loadu_si512((address))
#define MULTIPLY_ADD(a, b) _mm512_madd_epi16((a), (b))
#include "backends/cpu/kernels/matmul/int_mm.inc"
#endif
