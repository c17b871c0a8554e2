// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <string.h>

#include "backends/cpu/kernels/reduce/distance.h"

#define VECTOR_BYTES 16

#if defined(__SSE2__)
#include <emmintrin.h>
#define SQRT_F32(x) ((vector_f32)_mm_sqrt_ps((__m128)(x)))
#define SQRT_F64(x) ((vector_f64)_mm_sqrt_pd((__m128d)(x)))
#else
#define SQRT_F32(x) \
  ((vector_f32){sqrtf((x)[0]), sqrtf((x)[1]), sqrtf((x)[2]), sqrtf((x)[3])})
#define SQRT_F64(x) ((vector_f64){sqrt((x)[0]), sqrt((x)[1])})
#endif

#include "backends/cpu/kernels/reduce/distance_power.inc"

#define KERNELS pt2__distance_f32_generic
#define NAME(x) x##_f32
#define TYPE float
#define BITS int32_t
#define SQRT sqrtf
#define SQRT_VECTOR(x) SQRT_F32(x)
#define POWER powf
#define ABSOLUTE fabsf
#include "backends/cpu/kernels/reduce/distance.inc"

#define KERNELS pt2__distance_f64_generic
#define NAME(x) x##_f64
#define TYPE double
#define BITS int64_t
#define SQRT sqrt
#define SQRT_VECTOR(x) SQRT_F64(x)
#define POWER pow
#define ABSOLUTE fabs
#include "backends/cpu/kernels/reduce/distance.inc"
