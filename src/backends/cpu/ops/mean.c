// SPDX-License-Identifier: Apache-2.0
//
// aten::mean and aten::mean.dim of complex tensors. PyTorch compiles it for
// real ones: models call it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

static pt2_status_t mean_all(const pt2__boxed_t* boxed,
                             pt2_tensor_t** out_result) {
  return pt2__complex_reduce_all(boxed, PT2__COMPLEX_MEAN, out_result);
}

PT2_BOXED_OP(mean, 1, mean_all)

static pt2_status_t mean_along(const pt2__boxed_t* boxed,
                               pt2_tensor_t** out_result) {
  return pt2__complex_reduce_dims(boxed, PT2__COMPLEX_MEAN, out_result);
}

PT2_BOXED_OVERLOAD(mean_dims, "aten::mean.dim", 1, mean_along)
