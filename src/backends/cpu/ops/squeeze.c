// SPDX-License-Identifier: Apache-2.0
//
// aten::squeeze.dim.
#include "ops/boxed.h"
#include "ops/view.h"

AOTITorchError aoti_torch_cpu_squeeze_dim(AtenTensorHandle self, int64_t dim,
                                          AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::squeeze", pt2__view_squeeze(self, dim, ret0));
}

// ---- By name, which models do for complex tensors --------------------------

// Drops the |chosen| dimensions of size 1.
static pt2_status_t squeeze(const pt2_tensor_t* self, const bool* chosen,
                            pt2_tensor_t** out_view) {
  int64_t sizes[PT2__MAX_RANK], strides[PT2__MAX_RANK], rank = 0;
  for (int32_t d = 0; d < self->rank; ++d) {
    if (!chosen[d] || self->sizes[d] != 1) {
      sizes[rank] = self->sizes[d];
      strides[rank++] = self->strides[d];
    }
  }
  return pt2__tensor_view(self, rank, sizes, strides, self->storage_offset,
                          out_view);
}

// (Tensor self, int[] dim)
static pt2_status_t squeeze_dims(const pt2__boxed_t* boxed,
                                 pt2_tensor_t** out_view) {
  pt2_tensor_t* self;
  const int64_t* dims;
  int64_t count, dim;
  bool chosen[PT2__MAX_RANK] = {false};
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_ints(boxed, 1, "dim", &dims, &count));
  for (int64_t i = 0; i < count; ++i) {
    PT2_TRY(pt2__op_wrap_dim(dims[i], self->rank, &dim));
    PT2_OP_CHECK(!chosen[dim],
                 "dim %lld appears multiple times in the list of dims",
                 (long long)dim);
    chosen[dim] = true;
  }
  return squeeze(self, chosen, out_view);
}

PT2_BOXED_OVERLOAD(squeeze_dims, "aten::squeeze.dims", 1, squeeze_dims)

// (Tensor self)
static pt2_status_t squeeze_all(const pt2__boxed_t* boxed,
                                pt2_tensor_t** out_view) {
  pt2_tensor_t* self;
  bool chosen[PT2__MAX_RANK];
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  for (int32_t d = 0; d < self->rank; ++d) {
    chosen[d] = true;
  }
  return squeeze(self, chosen, out_view);
}

PT2_BOXED_OP(squeeze, 1, squeeze_all)
