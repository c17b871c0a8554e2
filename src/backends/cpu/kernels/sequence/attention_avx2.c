// SPDX-License-Identifier: Apache-2.0
//
// Attention where the CPU has AVX2, FMA and F16C.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "backends/cpu/kernels/sequence/attention.h"
#include "pt2/tensor.h"
#include "tensor/tensor.h"

#define REAL float
#define REAL_BITS int32_t
#define LANES 8
#define NAME(x) x##_f32
#define FMA(a, b, c) \
  ((vec_f32)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define IS_DOUBLE 0
#define KERNEL pt2__attention_f32_avx2
#include "backends/cpu/kernels/sequence/attention.inc"

#define REAL double
#define REAL_BITS int64_t
#define LANES 4
#define NAME(x) x##_f64
#define FMA(a, b, c) \
  ((vec_f64)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#define IS_DOUBLE 1
#define KERNEL pt2__attention_f64_avx2
#include "backends/cpu/kernels/sequence/attention.inc"
#endif
