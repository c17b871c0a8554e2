// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/convolution/conv_planes.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "ops/op.h"

#define ISA generic
#define VECTOR_BYTES 16

#define SUFFIX f32
#define DENSE pt2__conv_dense_planes_generic
#define REAL float
#define INTEGER int32_t
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#include "backends/cpu/kernels/convolution/conv_planes.inc"

#define SUFFIX f64
#define REAL double
#define INTEGER int64_t
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#include "backends/cpu/kernels/convolution/conv_planes.inc"

const pt2__conv_planes_functions_t* pt2__conv_planes_functions(int32_t dtype) {
  const bool single = dtype == PT2_DTYPE_F32;
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return single ? &pt2__conv_planes_f32_avx2 : &pt2__conv_planes_f64_avx2;
  }
#endif
  return single ? &pt2__conv_planes_f32_generic : &pt2__conv_planes_f64_generic;
}

pt2__conv_dense_fn pt2__conv_dense_planes(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return pt2__conv_dense_planes_avx512;
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return pt2__conv_dense_planes_avx2;
  }
#endif
  return pt2__conv_dense_planes_generic;
}
