// SPDX-License-Identifier: Apache-2.0
//
// aten::ne of complex tensors, with tensors and with numbers. PyTorch compiles
// it for real ones: models call it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

PT2_COMPLEX_COMPARISON(ne_Tensor, "aten::ne.Tensor", true, a != b)

// (Tensor self, Scalar other)
static pt2_status_t with_number(const pt2__boxed_t* boxed,
                                pt2_tensor_t** out_result) {
  static const pt2__complex_loops_t loops = {ne_Tensor_c64, ne_Tensor_c128, 3,
                                             true};
  return pt2__complex_with_scalar(boxed, "other", true, &loops, out_result);
}

PT2_BOXED_OVERLOAD(ne_Scalar, "aten::ne.Scalar", 1, with_number)
