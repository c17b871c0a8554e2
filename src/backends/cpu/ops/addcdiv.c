// SPDX-License-Identifier: Apache-2.0
//
// aten::addcdiv of complex tensors: self + value * tensor1 / tensor2.
// PyTorch compiles it for real ones: models call it by name.
#include "backends/cpu/kernels/complex_numbers.h"

PT2_COMPLEX_LOOP_OF_THREE(narrow, float, pt2__complex_f32, a + value * b / c)
PT2_COMPLEX_LOOP_OF_THREE(wide, double, pt2__complex_f64, a + value * b / c)

static pt2_status_t run(const pt2__boxed_t* boxed, pt2_tensor_t** out_result) {
  static const pt2__complex_loops_t loops = {narrow, wide, 8};
  return pt2__complex_ternary(boxed, &loops, out_result);
}

PT2_BOXED_OP(addcdiv, 1, run)
