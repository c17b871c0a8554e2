// SPDX-License-Identifier: Apache-2.0
#define ROWS pt2__rows_generic
#include "backends/cpu/kernels/reduce/rows.inc"

#include "backends/cpu/cpu_features.h"
#include "tensor/tensor.h"

const pt2__rows_t* pt2__rows(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return &pt2__rows_avx2;
  }
#endif
  return &pt2__rows_generic;
}

void pt2__rows_add(int32_t dtype, void* to, const void* from, double factor,
                   bool product, int64_t count) {
  const pt2__rows_t* rows = pt2__rows();
  switch (dtype) {
    case PT2_DTYPE_F32:
      rows->add_f32(to, from, (float)factor, count);
      break;
    case PT2_DTYPE_F64:
      rows->add_f64(to, from, factor, count);
      break;
    case PT2_DTYPE_F16:
      rows->add_f16(to, from, (float)factor, product, count);
      break;
    default:
      rows->add_bf16(to, from, (float)factor, product, count);
      break;
  }
}
