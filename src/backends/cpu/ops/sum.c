// SPDX-License-Identifier: Apache-2.0
//
// aten::sum and aten::sum.dim_IntList of complex tensors. PyTorch compiles it
// for real ones: models call it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

static pt2_status_t sum_all(const pt2__boxed_t* boxed,
                            pt2_tensor_t** out_result) {
  return pt2__complex_reduce_all(boxed, PT2__COMPLEX_SUM, out_result);
}

PT2_BOXED_OP(sum, 1, sum_all)

static pt2_status_t sum_along(const pt2__boxed_t* boxed,
                              pt2_tensor_t** out_result) {
  return pt2__complex_reduce_dims(boxed, PT2__COMPLEX_SUM, out_result);
}

PT2_BOXED_OVERLOAD(sum_dims, "aten::sum.dim_IntList", 1, sum_along)
