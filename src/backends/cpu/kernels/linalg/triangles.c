// SPDX-License-Identifier: Apache-2.0
#define TABLE pt2__triangles_generic
#define VECTOR_BYTES 16
#include "backends/cpu/kernels/linalg/triangles.inc"

#include "backends/cpu/cpu_features.h"
#include "pt2/tensor.h"

const pt2__triangles_t* pt2__triangles(int32_t dtype) {
  const pt2__triangles_t* table = pt2__triangles_generic;
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    table = pt2__triangles_avx2;
  }
#endif
  return &table[dtype == PT2_DTYPE_F32         ? 0
                : dtype == PT2_DTYPE_F64       ? 1
                : dtype == PT2_DTYPE_COMPLEX64 ? 2
                                               : 3];
}
