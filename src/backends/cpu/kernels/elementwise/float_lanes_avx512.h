// SPDX-License-Identifier: Apache-2.0
//
// Sixteen floats at any distance from each other. For files that are compiled
// for AVX-512.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_FLOAT_LANES_AVX512_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_FLOAT_LANES_AVX512_H_

#include <immintrin.h>
#include <stdint.h>

#define PT2_FLOAT_LANES 16

// Those of the first |count| lanes, at most all.
static inline __mmask16 pt2__first_lanes(int64_t count) {
  return (__mmask16)(count < PT2_FLOAT_LANES ? (1u << count) - 1 : 0xffffu);
}

static inline __m512i pt2__lane_offsets(int64_t stride, int first) {
  const __m512i lanes =
      _mm512_setr_epi64(first, first + 1, first + 2, first + 3, first + 4,
                        first + 5, first + 6, first + 7);
  return _mm512_mullo_epi64(lanes, _mm512_set1_epi64(stride));
}

// Other lanes than |mask|'s are 1. |stride| in bytes.
static inline __m512 pt2__load_lanes(const char* from, int64_t stride,
                                     __mmask16 mask) {
  const __m512 one = _mm512_set1_ps(1.0f);
  if (stride == (int64_t)sizeof(float)) {
    return _mm512_mask_loadu_ps(one, mask, from);
  }
  if (stride == 0) {
    return _mm512_set1_ps(*(const float*)(const void*)from);
  }
  const __m256 low =
      _mm512_mask_i64gather_ps(_mm512_castps512_ps256(one), (__mmask8)mask,
                               pt2__lane_offsets(stride, 0), from, 1);
  const __m256 high = _mm512_mask_i64gather_ps(
      _mm512_castps512_ps256(one), (__mmask8)(mask >> 8),
      pt2__lane_offsets(stride, 8), from, 1);
  return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
}

static inline void pt2__store_lanes(char* to, int64_t stride, __mmask16 mask,
                                    __m512 value) {
  if (stride == (int64_t)sizeof(float)) {
    _mm512_mask_storeu_ps(to, mask, value);
    return;
  }
  _mm512_mask_i64scatter_ps(to, (__mmask8)mask, pt2__lane_offsets(stride, 0),
                            _mm512_castps512_ps256(value), 1);
  _mm512_mask_i64scatter_ps(to, (__mmask8)(mask >> 8),
                            pt2__lane_offsets(stride, 8),
                            _mm512_extractf32x8_ps(value, 1), 1);
}

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_FLOAT_LANES_AVX512_H_
