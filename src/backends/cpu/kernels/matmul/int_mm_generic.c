// SPDX-License-Identifier: Apache-2.0
#include <stdint.h>

#define KERNELS pt2__int_mm_generic
#define MR 6
#define LANES 4

#if defined(__SSE2__)
#include <emmintrin.h>
#include <string.h>

static inline __m128i splat_pair(const int16_t* address) {
  int32_t pair;
  memcpy(&pair, address, sizeof(pair));
  return _mm_set1_epi32(pair);
}

static inline __m128i widen(const int8_t* address) {
  __m128i bytes = _mm_loadl_epi64((const __m128i*)address);
  return _mm_srai_epi16(_mm_unpacklo_epi8(bytes, bytes), 8);
}

#define VECTOR __m128i
#define PAIRS __m128i
#define ZERO() _mm_setzero_si128()
#define LOAD(address) _mm_loadu_si128((const __m128i*)(address))
#define STORE(address, vector) _mm_storeu_si128((__m128i*)(address), (vector))
#define ADD(a, b) _mm_add_epi32((a), (b))
#define SPLAT_PAIR(address) splat_pair(address)
#define WIDEN(address) widen(address)
#define LOAD_PAIRS(address) _mm_loadu_si128((const __m128i*)(address))
#define MULTIPLY_ADD(a, b) _mm_madd_epi16((a), (b))
#else
#include <string.h>

typedef uint32_t sums_t __attribute__((vector_size(16)));
typedef struct {
  int16_t values[8];
} pairs_t;

static inline sums_t load(const int32_t* address) {
  sums_t vector;
  memcpy(&vector, address, sizeof(vector));
  return vector;
}

static inline pairs_t load_pairs(const int16_t* address) {
  pairs_t pairs;
  memcpy(&pairs, address, sizeof(pairs));
  return pairs;
}

static inline pairs_t splat_pair(const int16_t* address) {
  pairs_t pairs;
  for (int i = 0; i < 8; ++i) {
    pairs.values[i] = address[i % 2];
  }
  return pairs;
}

static inline pairs_t widen(const int8_t* address) {
  pairs_t pairs;
  for (int i = 0; i < 8; ++i) {
    pairs.values[i] = address[i];
  }
  return pairs;
}

static inline sums_t multiply_add(pairs_t a, pairs_t b) {
  sums_t sums;
  for (int i = 0; i < 4; ++i) {
    sums[i] = (uint32_t)(a.values[2 * i] * b.values[2 * i] +
                         a.values[2 * i + 1] * b.values[2 * i + 1]);
  }
  return sums;
}

static inline void store(int32_t* address, sums_t vector) {
  memcpy(address, &vector, sizeof(vector));
}

#define VECTOR sums_t
#define PAIRS pairs_t
#define ZERO() ((sums_t){0, 0, 0, 0})
#define LOAD(address) load(address)
#define STORE(address, vector) store((address), (vector))
#define ADD(a, b) ((a) + (b))
#define SPLAT_PAIR(address) splat_pair(address)
#define WIDEN(address) widen(address)
#define LOAD_PAIRS(address) load_pairs(address)
#define MULTIPLY_ADD(a, b) multiply_add((a), (b))
#endif
#include "backends/cpu/kernels/matmul/int_mm.inc"
