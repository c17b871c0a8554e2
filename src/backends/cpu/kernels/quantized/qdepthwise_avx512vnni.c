// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>

#include "backends/cpu/kernels/quantized/qdepthwise.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 4")
#define LANES 16
#define VECTORS 4
#define PIXELS 4

// Each 128 bits of |order|'s result have, of each 16 channels, four that belong
// into the same place, so that what is unpacked comes in order.
static ALWAYS_INLINE __m512i load_line(const uint8_t* from, __mmask64 valid) {
  const __m512i order =
      _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(order, _mm512_maskz_loadu_epi8(valid, from));
}

void pt2__qdepthwise_weave_vnni(const uint8_t* const* lines, int64_t step,
                                int64_t count, int channels, uint8_t* to) {
  const __mmask64 valid = ~UINT64_C(0) >> (PT2__QDEPTHWISE_CHANNELS - channels);
  for (int64_t i = 0; i < count; ++i, to += PT2__QDEPTHWISE_BYTES) {
    __m512i line[4];
    UNROLL for (int j = 0; j < 4; ++j) {
      line[j] = load_line(lines[j] + i * step, valid);
    }
    __m512i low = _mm512_unpacklo_epi8(line[0], line[1]);
    __m512i high = _mm512_unpackhi_epi8(line[0], line[1]);
    __m512i next_low = _mm512_unpacklo_epi8(line[2], line[3]);
    __m512i next_high = _mm512_unpackhi_epi8(line[2], line[3]);
    _mm512_storeu_si512(to, _mm512_unpacklo_epi16(low, next_low));
    _mm512_storeu_si512(to + 64, _mm512_unpackhi_epi16(low, next_low));
    _mm512_storeu_si512(to + 128, _mm512_unpacklo_epi16(high, next_high));
    _mm512_storeu_si512(to + 192, _mm512_unpackhi_epi16(high, next_high));
  }
}

static ALWAYS_INLINE void add_up(const pt2__qdepthwise_sums_t* p,
                                 const int pixels, const int vectors,
                                 int64_t first) {
  __m512i sum[PIXELS][VECTORS];
  UNROLL for (int i = 0; i < pixels; ++i) {
    UNROLL for (int v = 0; v < vectors; ++v) {
      sum[i][v] = _mm512_setzero_si512();
    }
  }
  const int64_t step = p->stride * PT2__QDEPTHWISE_BYTES;
  const int8_t* weight = p->weight;
  for (int64_t q = 0; q < p->quads; ++q) {
    const uint8_t* x = p->columns + (q * p->positions + first * p->stride) *
                                        PT2__QDEPTHWISE_BYTES;
    for (int64_t j = 0; j < p->width; ++j) {
      UNROLL for (int v = 0; v < vectors; ++v) {
        __m512i right = _mm512_loadu_si512(weight + v * 64);
        UNROLL for (int i = 0; i < pixels; ++i) {
          sum[i][v] = _mm512_dpbusd_epi32(
              sum[i][v], _mm512_loadu_si512(x + i * step + v * 64), right);
        }
      }
      x += p->dilation * PT2__QDEPTHWISE_BYTES;
      weight += PT2__QDEPTHWISE_BYTES;
    }
  }
  int32_t* to = p->sums + first * PT2__QDEPTHWISE_CHANNELS;
  UNROLL for (int i = 0; i < pixels; ++i) {
    UNROLL for (int v = 0; v < vectors; ++v) {
      _mm512_storeu_si512(to + i * PT2__QDEPTHWISE_CHANNELS + v * LANES,
                          sum[i][v]);
    }
  }
}

static ALWAYS_INLINE void add_pixels(const pt2__qdepthwise_sums_t* p,
                                     const int vectors) {
  int64_t i = 0;
  for (; i + PIXELS <= p->pixels; i += PIXELS) {
    add_up(p, PIXELS, vectors, i);
  }
  for (; i < p->pixels; ++i) {
    add_up(p, 1, vectors, i);
  }
}

void pt2__qdepthwise_sums_vnni(const pt2__qdepthwise_sums_t* p) {
  switch ((p->channels + LANES - 1) / LANES) {
    case 1:
      add_pixels(p, 1);
      break;
    case 2:
      add_pixels(p, 2);
      break;
    case 3:
      add_pixels(p, 3);
      break;
    default:
      add_pixels(p, 4);
      break;
  }
}
#endif
