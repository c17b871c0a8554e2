// SPDX-License-Identifier: Apache-2.0
//
// Direct convolution of double elements.
#include <omp.h>
#include <string.h>

#include "backends/cpu/kernels/conv_direct.h"
#include "backends/cpu/kernels/conv_tile.h"
#include "ops/op.h"

#define SUFFIX f64
#define REAL double

static const pt2__conv_tiles_f64_t* select_tiles(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    return &pt2__conv_tiles_f64_avx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return &pt2__conv_tiles_f64_avx2;
  }
#endif
  return &pt2__conv_tiles_f64_generic;
}

#include "backends/cpu/kernels/conv_direct.inc"
