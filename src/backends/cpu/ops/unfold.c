// SPDX-License-Identifier: Apache-2.0
//
// aten::unfold, by name: models call it for complex tensors.
#include "ops/boxed.h"
#include "ops/view.h"

// (Tensor self, int dimension, int size, int step)
static pt2_status_t unfold(const pt2__boxed_t* boxed, pt2_tensor_t** out_view) {
  pt2_tensor_t* self;
  int64_t dim, size, step;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_int(boxed, 1, "dimension", &dim));
  PT2_TRY(pt2__boxed_int(boxed, 2, "size", &size));
  PT2_TRY(pt2__boxed_int(boxed, 3, "step", &step));
  return pt2__view_unfold(self, dim, size, step, out_view);
}

PT2_BOXED_OP(unfold, 1, unfold)
