// SPDX-License-Identifier: Apache-2.0
//
// aten::var_mean.correction of complex tensors. PyTorch compiles it for real
// ones: models call it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

static pt2_status_t var_mean(const pt2__boxed_t* boxed,
                             pt2_tensor_t** results) {
  return pt2__complex_variance(boxed, &results[0], &results[1]);
}

PT2_BOXED_OVERLOAD(var_mean_correction, "aten::var_mean.correction", 2,
                   var_mean)
