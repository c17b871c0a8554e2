// SPDX-License-Identifier: Apache-2.0
//
// Transposes a tile in registers: rows come in, columns go out, so that every
// access to memory is of 32 bytes.
#include "tensor/transpose.h"

#if defined(__AVX2__)
#include <immintrin.h>

void pt2__transpose_8x8x4_avx2(void* target, int64_t target_stride,
                               const void* source, int64_t source_stride) {
  __m256 row[8];
  for (int i = 0; i < 8; ++i) {
    row[i] = _mm256_loadu_ps(
        (const float*)(const void*)((const char*)source + i * source_stride));
  }
  // Pairs, then fours, then the halves of the registers change places.
  __m256 pair[8];
  for (int i = 0; i < 4; ++i) {
    pair[2 * i] = _mm256_unpacklo_ps(row[2 * i], row[2 * i + 1]);
    pair[2 * i + 1] = _mm256_unpackhi_ps(row[2 * i], row[2 * i + 1]);
  }
  __m256 four[8];
  for (int i = 0; i < 2; ++i) {
    const __m256* p = pair + 4 * i;
    four[4 * i] = _mm256_shuffle_ps(p[0], p[2], 0x44);
    four[4 * i + 1] = _mm256_shuffle_ps(p[0], p[2], 0xee);
    four[4 * i + 2] = _mm256_shuffle_ps(p[1], p[3], 0x44);
    four[4 * i + 3] = _mm256_shuffle_ps(p[1], p[3], 0xee);
  }
  for (int i = 0; i < 4; ++i) {
    __m256 upper = _mm256_permute2f128_ps(four[i], four[i + 4], 0x20);
    __m256 lower = _mm256_permute2f128_ps(four[i], four[i + 4], 0x31);
    _mm256_storeu_ps((float*)(void*)((char*)target + i * target_stride), upper);
    _mm256_storeu_ps((float*)(void*)((char*)target + (i + 4) * target_stride),
                     lower);
  }
}

void pt2__transpose_4x4x8_avx2(void* target, int64_t target_stride,
                               const void* source, int64_t source_stride) {
  __m256d row[4];
  for (int i = 0; i < 4; ++i) {
    row[i] = _mm256_loadu_pd(
        (const double*)(const void*)((const char*)source + i * source_stride));
  }
  __m256d pair[4];
  for (int i = 0; i < 2; ++i) {
    pair[i] = _mm256_unpacklo_pd(row[2 * i], row[2 * i + 1]);
    pair[2 + i] = _mm256_unpackhi_pd(row[2 * i], row[2 * i + 1]);
  }
  for (int i = 0; i < 2; ++i) {
    const __m256d* p = pair + 2 * i;
    __m256d upper = _mm256_permute2f128_pd(p[0], p[1], 0x20);
    __m256d lower = _mm256_permute2f128_pd(p[0], p[1], 0x31);
    _mm256_storeu_pd((double*)(void*)((char*)target + i * target_stride),
                     upper);
    _mm256_storeu_pd((double*)(void*)((char*)target + (i + 2) * target_stride),
                     lower);
  }
}
#else
typedef int pt2__transpose_avx2_is_empty;
#endif
