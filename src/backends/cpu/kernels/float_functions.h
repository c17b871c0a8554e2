// SPDX-License-Identifier: Apache-2.0
//
// Functions of floats, computed side by side in double precision: results are
// those of an error below 1e-9 before they are rounded.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_FLOAT_FUNCTIONS_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_FLOAT_FUNCTIONS_H_

#include "backends/cpu/kernels/elementwise.h"

// clang-format off
#define PT2_FLOAT_FUNCTIONS(X)                                             \
  X(acos) X(asin) X(atan) X(ceil) X(cos) X(erf) X(erfc) X(exp) X(expm1)    \
  X(floor) X(frac) X(log) X(log10) X(log1p) X(log2) X(round) X(sigmoid)    \
  X(sin) X(tan) X(tanh) X(trunc)
// clang-format on

// pt2__exp_f32_avx2 and so on: loops of f32 to f32 where there is AVX2.
#define X(name)                                                       \
  void pt2__##name##_f32_avx2(const void* context, char* const* data, \
                              const int64_t* strides, int64_t count);
PT2_FLOAT_FUNCTIONS(X)
#undef X

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_FLOAT_FUNCTIONS_H_
