// SPDX-License-Identifier: Apache-2.0
//
// aten::addcmul of complex tensors: self + value * tensor1 * tensor2.
// PyTorch compiles it for real ones: models call it by name.
#include "backends/cpu/kernels/complex_numbers.h"

// As PyTorch multiplies: infinities are not looked for, as C does.
#define PRODUCT(name, part, make, suffix)                              \
  static inline part _Complex name(part _Complex x, part _Complex y) { \
    const part a = creal##suffix(x), b = cimag##suffix(x);             \
    const part c = creal##suffix(y), d = cimag##suffix(y);             \
    return make(a * c - b * d, a * d + b * c);                         \
  }
PRODUCT(product_narrow, float, pt2__complex_f32, f)
PRODUCT(product_wide, double, pt2__complex_f64, )

PT2_COMPLEX_LOOP_OF_THREE(narrow, float, pt2__complex_f32,
                          a + product_narrow(product_narrow(value, b), c))
PT2_COMPLEX_LOOP_OF_THREE(wide, double, pt2__complex_f64,
                          a + product_wide(product_wide(value, b), c))

static pt2_status_t run(const pt2__boxed_t* boxed, pt2_tensor_t** out_result) {
  static const pt2__complex_loops_t loops = {narrow, wide, 8};
  return pt2__complex_ternary(boxed, &loops, out_result);
}

PT2_BOXED_OP(addcmul, 1, run)
