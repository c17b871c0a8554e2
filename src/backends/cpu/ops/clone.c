// SPDX-License-Identifier: Apache-2.0
//
// aten::clone and aten::_foreach_clone, by name: models call them for complex
// tensors.
#include "backends/cpu/kernels/elementwise/foreach.h"

static pt2_status_t copy_of(const pt2_tensor_t* self, int64_t format,
                            pt2_tensor_t** out_result) {
  pt2_tensor_t* result;
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

static pt2_status_t read_format(const pt2__boxed_t* boxed,
                                int64_t* out_format) {
  *out_format = PT2_MEMORY_FORMAT_PRESERVE;
  return pt2__boxed_enum(boxed, 1, "memory_format", PT2_VALUE_MEMORY_FORMAT,
                         out_format, NULL);
}

// (Tensor self, *, MemoryFormat? memory_format)
static pt2_status_t clone_of(const pt2__boxed_t* boxed,
                             pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  int64_t format;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(read_format(boxed, &format));
  return copy_of(self, format, out_result);
}

PT2_BOXED_OP(clone, 1, clone_of)

static pt2_status_t clone_one(const void* context,
                              const pt2_tensor_t* const* tensors,
                              pt2_tensor_t** out_result) {
  const int64_t* format = context;
  return copy_of(tensors[0], *format, out_result);
}

// (Tensor[] self, *, MemoryFormat? memory_format) -> Tensor[]
static pt2_status_t foreach_clone(const pt2__boxed_t* boxed,
                                  pt2_tensor_t** results) {
  static const char* const names[] = {"self"};
  int64_t format;
  PT2_TRY(read_format(boxed, &format));
  return pt2__foreach(boxed, names, 1, clone_one, &format, results);
}

PT2_BOXED_OP(_foreach_clone, PT2__BOXED_LIST, foreach_clone)
