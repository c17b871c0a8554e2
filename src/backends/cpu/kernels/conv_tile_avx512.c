// SPDX-License-Identifier: Apache-2.0
//
// Tiles of direct convolution for AVX-512.
#if defined(__AVX512F__)
#include <immintrin.h>
#include <string.h>

#include "backends/cpu/kernels/conv_tile.h"

#define ISA avx512
#define VECTOR_BYTES 64
#define ROWS 8

#define SUFFIX f32
#define REAL float
#define FMA(a, b, c) \
  ((VEC)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#include "backends/cpu/kernels/conv_tile.inc"

#define SUFFIX f64
#define REAL double
#define FMA(a, b, c) \
  ((VEC)_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#include "backends/cpu/kernels/conv_tile.inc"
#else
typedef int pt2__conv_tile_avx512_is_empty_t;
#endif
