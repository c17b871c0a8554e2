// SPDX-License-Identifier: Apache-2.0
//
// aten::diagonal, by name: models call it for complex tensors.
#include "ops/boxed.h"
#include "ops/view.h"

// (Tensor self, int offset, int dim1, int dim2)
static pt2_status_t diagonal(const pt2__boxed_t* boxed,
                             pt2_tensor_t** out_view) {
  pt2_tensor_t* self;
  int64_t offset = 0, dim1 = 0, dim2 = 1;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_optional_int(boxed, 1, "offset", &offset, NULL));
  PT2_TRY(pt2__boxed_optional_int(boxed, 2, "dim1", &dim1, NULL));
  PT2_TRY(pt2__boxed_optional_int(boxed, 3, "dim2", &dim2, NULL));
  return pt2__view_diagonal(self, offset, dim1, dim2, out_view);
}

PT2_BOXED_OP(diagonal, 1, diagonal)
