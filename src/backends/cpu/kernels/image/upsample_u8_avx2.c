// SPDX-License-Identifier: Apache-2.0
//
// 8-bit images in pairs of elements: products of two with their weights are
// added in one instruction. Sums are of integers, so that their order does not
// matter.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "backends/cpu/kernels/image/upsample_u8.h"

#define INLINE static inline __attribute__((always_inline))

// Half of a result's last bit.
INLINE __m256i half_of(int bits) {
  return _mm256_set1_epi32(bits > 0 ? 1 << (bits - 1) : 0);
}

// The first four bytes of each 128 bits are the results.
INLINE __m256i to_u8(__m256i sums, int bits) {
  sums = _mm256_sra_epi32(sums, _mm_cvtsi32_si128(bits));
  sums = _mm256_packs_epi32(sums, sums);
  return _mm256_packus_epi16(sums, sums);
}

INLINE void store_lanes(__m256i bytes, uint32_t lanes[2]) {
  lanes[0] = (uint32_t)_mm256_extract_epi32(bytes, 0);
  lanes[1] = (uint32_t)_mm256_extract_epi32(bytes, 4);
}

INLINE __m256i load_weights(const int16_t* weights) {
  return _mm256_loadu_si256((const __m256i*)weights);
}

// ---- One byte a pixel ------------------------------------------------------

// Eight elements at |a| and eight at |b|, as 16 bits.
INLINE __m256i load_bytes(const uint8_t* a, const uint8_t* b) {
  __m128i low = _mm_loadl_epi64((const __m128i*)a);
  __m128i high = _mm_loadl_epi64((const __m128i*)b);
  return _mm256_cvtepu8_epi16(_mm_unpacklo_epi64(low, high));
}

// Results in the order of the lanes: 0 and 4, 1 and 5, 2 and 6, 3 and 7.
INLINE __m256i group_of_bytes(const uint8_t* from, const int64_t* firsts,
                              const int16_t** weights, int64_t steps) {
  __m256i sums[4];
  for (int j = 0; j < 4; ++j) {
    sums[j] = _mm256_setzero_si256();
  }
  for (int64_t step = 0; step < steps; ++step, from += 8) {
    for (int j = 0; j < 4; ++j) {
      __m256i bytes = load_bytes(from + firsts[j], from + firsts[4 + j]);
      __m256i products = _mm256_madd_epi16(bytes, load_weights(*weights));
      sums[j] = _mm256_add_epi32(sums[j], products);
      *weights += PT2__UPSAMPLE_U8_LANES;
    }
  }
  return _mm256_hadd_epi32(_mm256_hadd_epi32(sums[0], sums[1]),
                           _mm256_hadd_epi32(sums[2], sums[3]));
}

static void line_of_bytes(const pt2__upsample_u8_line_t* line,
                          const uint8_t* from, uint8_t* to) {
  const __m256i half = half_of(line->bits);
  const int16_t* weights = line->weights;
  for (int64_t at = 0; at < line->count; at += 8) {
    __m256i sums =
        group_of_bytes(from, line->firsts + at, &weights, line->steps);
    uint32_t lanes[2];
    store_lanes(to_u8(_mm256_add_epi32(sums, half), line->bits), lanes);
    int64_t left = line->count - at;
    memcpy(to + at, lanes, left < 8 ? (size_t)left : 8);
  }
}

// ---- Three or four bytes a pixel -------------------------------------------

// Two of the four pixels in 16 bytes, channel by channel, as 16 bits.
#define PAIR_3(i)                                                              \
  _mm256_setr_epi8((i), -1, (i) + 3, -1, (i) + 1, -1, (i) + 4, -1, (i) + 2,    \
                   -1, (i) + 5, -1, -1, -1, -1, -1, (i), -1, (i) + 3, -1,      \
                   (i) + 1, -1, (i) + 4, -1, (i) + 2, -1, (i) + 5, -1, -1, -1, \
                   -1, -1)
#define PAIR_4(i)                                                           \
  _mm256_setr_epi8((i), -1, (i) + 4, -1, (i) + 1, -1, (i) + 5, -1, (i) + 2, \
                   -1, (i) + 6, -1, (i) + 3, -1, (i) + 7, -1, (i), -1,      \
                   (i) + 4, -1, (i) + 1, -1, (i) + 5, -1, (i) + 2, -1,      \
                   (i) + 6, -1, (i) + 3, -1, (i) + 7, -1)

INLINE void line_of_pixels(const pt2__upsample_u8_line_t* line, size_t pixel,
                           const uint8_t* from, uint8_t* to) {
  const __m256i pairs[2] = {pixel == 3 ? PAIR_3(0) : PAIR_4(0),
                            pixel == 3 ? PAIR_3(6) : PAIR_4(8)};
  const __m256i half = half_of(line->bits);
  const int16_t* weights = line->weights;
  for (int64_t at = 0; at < line->count; at += 2, to += 2 * pixel) {
    const uint8_t* a = from + line->firsts[at];
    const uint8_t* b = from + line->firsts[at + 1];
    __m256i sums = half;
    for (int64_t step = 0; step < line->steps; ++step) {
      __m256i bytes = _mm256_loadu2_m128i((const __m128i*)b, (const __m128i*)a);
      for (int j = 0; j < 2; ++j) {
        __m256i two = _mm256_shuffle_epi8(bytes, pairs[j]);
        sums = _mm256_add_epi32(sums,
                                _mm256_madd_epi16(two, load_weights(weights)));
        weights += PT2__UPSAMPLE_U8_LANES;
      }
      a += 4 * pixel;
      b += 4 * pixel;
    }
    uint32_t lanes[2];
    store_lanes(to_u8(sums, line->bits), lanes);
    if (at + 2 < line->count) {
      // A byte too many of three is that of the next pixel, which follows.
      memcpy(to, &lanes[0], 4);
      memcpy(to + pixel, &lanes[1], 4);
      continue;
    }
    memcpy(to, &lanes[0], pixel);
    if (at + 1 < line->count) {
      memcpy(to + pixel, &lanes[1], pixel);
    }
  }
}

void pt2__upsample_u8_line_avx2(const pt2__upsample_u8_line_t* line,
                                const uint8_t* from, uint8_t* to) {
  if (line->pixel == 1) {
    line_of_bytes(line, from, to);
  } else if (line->pixel == 3) {
    line_of_pixels(line, 3, from, to);
  } else {
    line_of_pixels(line, 4, from, to);
  }
}

// ---- Whole rows ------------------------------------------------------------

// Adds 32 elements of two rows.
INLINE void add_rows(__m256i a, __m256i b, __m256i weights, __m256i sums[4]) {
  const __m256i zero = _mm256_setzero_si256();
  const __m256i parts[2] = {_mm256_unpacklo_epi8(a, b),
                            _mm256_unpackhi_epi8(a, b)};
  for (int j = 0; j < 2; ++j) {
    sums[2 * j] = _mm256_add_epi32(
        sums[2 * j],
        _mm256_madd_epi16(_mm256_unpacklo_epi8(parts[j], zero), weights));
    sums[2 * j + 1] = _mm256_add_epi32(
        sums[2 * j + 1],
        _mm256_madd_epi16(_mm256_unpackhi_epi8(parts[j], zero), weights));
  }
}

INLINE __m256i two_weights(int16_t a, int16_t b) {
  return _mm256_set1_epi32(
      (int32_t)((uint32_t)(uint16_t)a | (uint32_t)(uint16_t)b << 16));
}

INLINE __m256i load_row(const uint8_t* from) {
  return _mm256_loadu_si256((const __m256i*)from);
}

void pt2__upsample_u8_rows_avx2(const uint8_t* from, const int16_t* weights,
                                int64_t length, int64_t width, int bits,
                                uint8_t* to) {
  const __m256i half = half_of(bits);
  const __m128i shift = _mm_cvtsi32_si128(bits);
  for (int64_t begin = 0; begin < width; begin += 32) {
    // The last ones overlap those before them.
    const int64_t i = begin + 32 <= width ? begin : width - 32;
    const uint8_t* row = from + i;
    __m256i sums[4] = {half, half, half, half};
    int64_t t = 0;
    for (; t + 2 <= length; t += 2, row += 2 * width) {
      add_rows(load_row(row), load_row(row + width),
               two_weights(weights[t], weights[t + 1]), sums);
    }
    if (t < length) {
      add_rows(load_row(row), _mm256_setzero_si256(),
               two_weights(weights[t], 0), sums);
    }
    for (int j = 0; j < 4; ++j) {
      sums[j] = _mm256_sra_epi32(sums[j], shift);
    }
    __m256i bytes = _mm256_packus_epi16(_mm256_packs_epi32(sums[0], sums[1]),
                                        _mm256_packs_epi32(sums[2], sums[3]));
    _mm256_storeu_si256((__m256i*)(to + i), bytes);
  }
}
#endif
