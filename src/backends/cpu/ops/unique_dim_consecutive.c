// SPDX-License-Identifier: Apache-2.0
//
// aten::unique_dim_consecutive. PyTorch has no C function for it: models call
// it by name.
#include "backends/cpu/kernels/index/unique.h"

static pt2_status_t unique(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  return pt2__unique_slices_by_name(boxed, false, results);
}

PT2_BOXED_OP(unique_dim_consecutive, 3, unique)
