// SPDX-License-Identifier: Apache-2.0
//
// aten::ldexp.Tensor of complex tensors: self * 2^other. PyTorch compiles it
// for real ones: models call it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

PT2_COMPLEX_LOOP_OF_TWO(narrow, float, float _Complex,
                        a* cexpf(b * 0.6931471805599453f))
PT2_COMPLEX_LOOP_OF_TWO(wide, double, double _Complex,
                        a* cexp(b * 0.69314718055994530942))

// (Tensor self, Tensor other)
static pt2_status_t run(const pt2__boxed_t* boxed, pt2_tensor_t** out_result) {
  static const pt2__complex_loops_t loops = {narrow, wide, 40, false};
  pt2_tensor_t *self, *other;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "other", &other));
  return pt2__complex_binary(self, other, false, &loops, NULL, out_result);
}

PT2_BOXED_OVERLOAD(ldexp_Tensor, "aten::ldexp.Tensor", 1, run)
