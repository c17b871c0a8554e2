// SPDX-License-Identifier: Apache-2.0
//
// aten::log1p of complex tensors. PyTorch compiles it for real ones: models
// call it by name. Near 0, where 1 + z would lose z's digits, the absolute
// value comes from |1 + z|^2 - 1 = x (2 + x) + y^2.
#include <math.h>

#include "backends/cpu/kernels/complex/complex_numbers.h"

#define LOG1P(name, part, make, suffix)                                    \
  static inline part _Complex name(part _Complex z) {                      \
    const part x = creal##suffix(z), y = cimag##suffix(z);                 \
    const part angle = atan2##suffix(y, x + 1);                            \
    if (hypot##suffix(x, y) >= (part)0.5) {                                \
      return make(log##suffix(hypot##suffix(x + 1, y)), angle);            \
    }                                                                      \
    const part above = x * (2 + x) + y * y;                                \
    return make(above == 0 ? x : (part)0.5 * log1p##suffix(above), angle); \
  }
LOG1P(log1p_narrow, float, pt2__complex_f32, f)
LOG1P(log1p_wide, double, pt2__complex_f64, )

PT2_COMPLEX_UNARY(log1p, log1p_narrow(z), log1p_wide(z), 60)
