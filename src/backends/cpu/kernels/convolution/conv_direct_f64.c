// SPDX-License-Identifier: Apache-2.0
//
// Direct convolution of double elements.
#include <omp.h>
#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/convolution/conv_direct.h"
#include "backends/cpu/kernels/convolution/conv_planes.h"
#include "backends/cpu/kernels/convolution/conv_tile.h"
#include "ops/op.h"

#define SUFFIX f64
#define PLANES PT2_DTYPE_F64
#define REAL double

static const pt2__conv_tiles_f64_t* select_tiles(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return &pt2__conv_tiles_f64_avx512;
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return &pt2__conv_tiles_f64_avx2;
  }
#endif
  return &pt2__conv_tiles_f64_generic;
}

#include "backends/cpu/kernels/convolution/conv_direct.inc"
