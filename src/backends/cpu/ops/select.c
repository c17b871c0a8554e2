// SPDX-License-Identifier: Apache-2.0
//
// aten::select.int, by name: models call it for complex tensors.
#include "ops/boxed.h"
#include "ops/view.h"

// (Tensor self, int dim, SymInt index)
static pt2_status_t select_of(const pt2__boxed_t* boxed,
                              pt2_tensor_t** out_view) {
  pt2_tensor_t* self;
  int64_t dim, index;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_int(boxed, 1, "dim", &dim));
  PT2_TRY(pt2__boxed_int(boxed, 2, "index", &index));
  return pt2__view_select(self, dim, index, out_view);
}

PT2_BOXED_OVERLOAD(select_int, "aten::select.int", 1, select_of)
