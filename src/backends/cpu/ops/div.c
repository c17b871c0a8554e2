// SPDX-License-Identifier: Apache-2.0
//
// aten::div of complex tensors, by tensors and by numbers. PyTorch compiles it
// for real ones: models call it by name.
#include "backends/cpu/kernels/complex/complex_loops.h"

// (Tensor self, Tensor other)
static pt2_status_t by_tensor(const pt2__boxed_t* boxed,
                              pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *other;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "other", &other));
  return pt2__complex_binary(self, other, false,
                             pt2__complex_loops(PT2__COMPLEX_DIV), NULL,
                             out_result);
}

PT2_BOXED_OVERLOAD(div_Tensor, "aten::div.Tensor", 1, by_tensor)

// (Tensor self, Scalar other)
static pt2_status_t by_number(const pt2__boxed_t* boxed,
                              pt2_tensor_t** out_result) {
  return pt2__complex_with_scalar(
      boxed, "other", false, pt2__complex_loops(PT2__COMPLEX_DIV), out_result);
}

PT2_BOXED_OVERLOAD(div_Scalar, "aten::div.Scalar", 1, by_number)
