// SPDX-License-Identifier: Apache-2.0
//
// Tiles of direct convolution for AVX2 with FMA.
#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#include <string.h>

#include "backends/cpu/kernels/conv_tile.h"

#define ISA avx2
#define VECTOR_BYTES 32
#define ROWS 6

#define SUFFIX f32
#define REAL float
#define FMA(a, b, c) \
  ((VEC)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#include "backends/cpu/kernels/conv_tile.inc"

#define SUFFIX f64
#define REAL double
#define FMA(a, b, c) \
  ((VEC)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#include "backends/cpu/kernels/conv_tile.inc"
#else
typedef int pt2__conv_tile_avx2_is_empty_t;
#endif
