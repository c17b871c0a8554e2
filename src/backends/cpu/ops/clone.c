// SPDX-License-Identifier: Apache-2.0
//
// aten::clone, by name: models call it for complex tensors.
#include "ops/boxed.h"

// (Tensor self, *, MemoryFormat? memory_format)
static pt2_status_t clone_of(const pt2__boxed_t* boxed,
                             pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *result;
  int64_t format = PT2_MEMORY_FORMAT_PRESERVE;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_enum(boxed, 1, "memory_format", PT2_VALUE_MEMORY_FORMAT,
                          &format, NULL));
  if (format == PT2_MEMORY_FORMAT_PRESERVE) {
    PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &result));
  } else {
    int64_t strides[PT2__MAX_RANK];
    bool last = format != PT2_MEMORY_FORMAT_CONTIGUOUS;
    int32_t rank = format == PT2_MEMORY_FORMAT_CHANNELS_LAST_3D ? 5 : 4;
    PT2_OP_CHECK(!last || self->rank == rank,
                 "required rank %d tensor to use channels_last format, got %d",
                 rank, self->rank);
    if (last) {
      pt2__sizes_channels_last_strides(self->rank, self->sizes, strides);
    } else {
      pt2__sizes_contiguous_strides(self->rank, self->sizes, strides);
    }
    PT2_TRY(pt2__tensor_empty(self->dtype, self->rank, self->sizes, strides,
                              &result));
  }
  pt2_status_t status = pt2__tensor_copy(result, self);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(clone, 1, clone_of)
