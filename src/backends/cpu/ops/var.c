// SPDX-License-Identifier: Apache-2.0
//
// aten::var.correction of complex tensors: the variance of the real parts and
// that of the imaginary ones, together. PyTorch compiles it for real tensors:
// models call it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

static pt2_status_t var(const pt2__boxed_t* boxed, pt2_tensor_t** out_result) {
  return pt2__complex_variance(boxed, out_result, NULL);
}

PT2_BOXED_OVERLOAD(var_correction, "aten::var.correction", 1, var)
