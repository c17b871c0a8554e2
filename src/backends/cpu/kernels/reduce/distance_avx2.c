// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "backends/cpu/kernels/reduce/distance.h"

#define VECTOR_BYTES 32

#include "backends/cpu/kernels/reduce/distance_power.inc"

#define KERNELS pt2__distance_f32_avx2
#define NAME(x) x##_f32
#define TYPE float
#define BITS int32_t
#define SQRT sqrtf
#define SQRT_VECTOR(x) ((vector_f32)_mm256_sqrt_ps((__m256)(x)))
#define POWER powf
#define ABSOLUTE fabsf
#include "backends/cpu/kernels/reduce/distance.inc"

#define KERNELS pt2__distance_f64_avx2
#define NAME(x) x##_f64
#define TYPE double
#define BITS int64_t
#define SQRT sqrt
#define SQRT_VECTOR(x) ((vector_f64)_mm256_sqrt_pd((__m256d)(x)))
#define POWER pow
#define ABSOLUTE fabs
#include "backends/cpu/kernels/reduce/distance.inc"
#endif
