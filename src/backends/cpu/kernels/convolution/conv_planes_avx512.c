// SPDX-License-Identifier: Apache-2.0
//
// Only convolution that is not depthwise: of that, most of the time goes into
// reading vectors that cross cache lines, as all of 64 bytes do.
#include "backends/cpu/kernels/convolution/conv_planes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <omp.h>
#include <string.h>

#include "ops/op.h"

#define ISA avx512
#define VECTOR_BYTES 64

#define SUFFIX f32
#define DENSE_ONLY
#define DENSE pt2__conv_dense_planes_avx512
#define REAL float
#define INTEGER int32_t
#define MULTIPLY_ADD(a, b, c) \
  ((VEC)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#include "backends/cpu/kernels/convolution/conv_planes.inc"
#endif
