// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/convolution/conv_planes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <omp.h>
#include <string.h>

#include "ops/op.h"

#define ISA avx2
#define VECTOR_BYTES 32

#define SUFFIX f32
#define DENSE pt2__conv_dense_planes_avx2
#define REAL float
#define INTEGER int32_t
#define MULTIPLY_ADD(a, b, c) \
  ((VEC)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#include "backends/cpu/kernels/convolution/conv_planes.inc"

#define SUFFIX f64
#define REAL double
#define INTEGER int64_t
#define MULTIPLY_ADD(a, b, c) \
  ((VEC)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#include "backends/cpu/kernels/convolution/conv_planes.inc"
#endif
