// SPDX-License-Identifier: Apache-2.0
//
// aten::sub.Tensor of complex tensors. PyTorch compiles it for real ones:
// models call it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"
#include "backends/cpu/kernels/elementwise/arithmetic.h"

// (Tensor self, Tensor other, *, Scalar alpha): adds -alpha * other, as PyTorch
// does.
static pt2_status_t run(const pt2__boxed_t* boxed, pt2_tensor_t** out_result) {
  pt2__elementwise_kernel_t narrow = {0}, wide = {0};
  pt2_tensor_t *self, *other;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "other", &other));
  double alpha = 1;
  PT2_OP_CHECK(pt2__boxed_kind(boxed, 2, "alpha") != PT2_VALUE_BOOL,
               "Boolean alpha only supported for Boolean results.");
  PT2_TRY(pt2__boxed_number(boxed, 2, "alpha", &alpha, NULL));
  PT2_OP_CHECK(pt2__arithmetic_kernel(PT2__ARITHMETIC_ADD, PT2_DTYPE_COMPLEX64,
                                      &narrow) &&
                   pt2__arithmetic_kernel(PT2__ARITHMETIC_ADD,
                                          PT2_DTYPE_COMPLEX128, &wide),
               "no sums of complex numbers");
  const pt2__complex_loops_t loops = {narrow.loop, wide.loop, 4, true};
  alpha = -alpha;
  return pt2__complex_binary(self, other, false, &loops, &alpha, out_result);
}

PT2_BOXED_OVERLOAD(sub_Tensor, "aten::sub.Tensor", 1, run)
