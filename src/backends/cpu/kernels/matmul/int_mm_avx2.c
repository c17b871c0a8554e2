// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

static inline __m256i splat_pair(const int16_t* address) {
  int32_t pair;
  memcpy(&pair, address, sizeof(pair));
  return _mm256_set1_epi32(pair);
}

#define KERNELS pt2__int_mm_avx2
#define MR 6
#define LANES 8
#define VECTOR __m256i
#define PAIRS __m256i
#define ZERO() _mm256_setzero_si256()
#define LOAD(address) _mm256_loadu_si256((const __m256i*)(address))
#define STORE(address, vector) \
  _mm256_storeu_si256((__m256i*)(address), (vector))
#define ADD(a, b) _mm256_add_epi32((a), (b))
#define SPLAT_PAIR(address) splat_pair(address)
#define WIDEN(address) \
  _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i*)(address)))
#define LOAD_PAIRS(address) _mm256_loadu_si256((const __m256i*)(address))
#define MULTIPLY_ADD(a, b) _mm256_madd_epi16((a), (b))
#include "backends/cpu/kernels/matmul/int_mm.inc"
#endif
