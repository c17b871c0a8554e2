// SPDX-License-Identifier: Apache-2.0
//
// aten::expm1 of complex tensors. PyTorch compiles it for real ones: models
// call it by name. e^x cos y - 1 = (e^x - 1) cos y - 2 sin^2(y / 2) keeps the
// digits near 0.
#include <math.h>

#include "backends/cpu/kernels/complex/complex_numbers.h"

#define EXPM1(name, part, make, suffix)                              \
  static inline part _Complex name(part _Complex z) {                \
    const part x = creal##suffix(z), y = cimag##suffix(z);           \
    const part half = sin##suffix(y / 2);                            \
    return make(expm1##suffix(x) * cos##suffix(y) - 2 * half * half, \
                exp##suffix(x) * sin##suffix(y));                    \
  }
EXPM1(expm1_narrow, float, pt2__complex_f32, f)
EXPM1(expm1_wide, double, pt2__complex_f64, )

PT2_COMPLEX_UNARY(expm1, expm1_narrow(z), expm1_wide(z), 80)
