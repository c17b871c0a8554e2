// SPDX-License-Identifier: Apache-2.0
//
// Direct convolution of float elements.
#include <omp.h>
#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/convolution/conv_direct.h"
#include "backends/cpu/kernels/convolution/conv_planes.h"
#include "backends/cpu/kernels/convolution/conv_tile.h"
#include "ops/op.h"

#define SUFFIX f32
#define PLANES PT2_DTYPE_F32
#define REAL float

static const pt2__conv_tiles_f32_t* select_tiles(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return &pt2__conv_tiles_f32_avx512;
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return &pt2__conv_tiles_f32_avx2;
  }
#endif
  return &pt2__conv_tiles_f32_generic;
}

#include "backends/cpu/kernels/convolution/conv_direct.inc"

size_t pt2__conv_packed_bytes_f32(const pt2__conv_t* conv) {
  return sizeof(float) * (size_t)packed_elements(conv, select_tiles());
}

void pt2__conv_pack_f32(const pt2__conv_direct_t* call, void* packed) {
  pack(call, select_tiles(), packed);
}
