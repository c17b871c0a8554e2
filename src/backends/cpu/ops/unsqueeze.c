// SPDX-License-Identifier: Apache-2.0
//
// aten::unsqueeze, by name: models call it for complex tensors.
#include <string.h>

#include "ops/boxed.h"

// (Tensor self, int dim)
static pt2_status_t unsqueeze(const pt2__boxed_t* boxed,
                              pt2_tensor_t** out_view) {
  pt2_tensor_t* self;
  int64_t dim, sizes[PT2__MAX_RANK + 1], strides[PT2__MAX_RANK + 1];
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_int(boxed, 1, "dim", &dim));
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank + 1, &dim));
  size_t before = sizeof(int64_t) * (size_t)dim;
  size_t after = sizeof(int64_t) * (size_t)(self->rank - dim);
  memcpy(sizes, self->sizes, before);
  memcpy(strides, self->strides, before);
  memcpy(sizes + dim + 1, self->sizes + dim, after);
  memcpy(strides + dim + 1, self->strides + dim, after);
  sizes[dim] = 1;
  strides[dim] = dim < self->rank ? self->sizes[dim] * self->strides[dim] : 1;
  return pt2__tensor_view(self, self->rank + 1, sizes, strides,
                          self->storage_offset, out_view);
}

PT2_BOXED_OP(unsqueeze, 1, unsqueeze)
