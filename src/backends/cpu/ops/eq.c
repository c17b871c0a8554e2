// SPDX-License-Identifier: Apache-2.0
//
// aten::eq of complex tensors, with tensors and with numbers. PyTorch compiles
// it for real ones: models call it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

PT2_COMPLEX_COMPARISON(eq_Tensor, "aten::eq.Tensor", true, a == b)

// (Tensor self, Scalar other)
static pt2_status_t with_number(const pt2__boxed_t* boxed,
                                pt2_tensor_t** out_result) {
  static const pt2__complex_loops_t loops = {eq_Tensor_c64, eq_Tensor_c128, 3,
                                             true};
  return pt2__complex_with_scalar(boxed, "other", true, &loops, out_result);
}

PT2_BOXED_OVERLOAD(eq_Scalar, "aten::eq.Scalar", 1, with_number)
