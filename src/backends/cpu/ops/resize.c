// SPDX-License-Identifier: Apache-2.0
//
// aten::resize, by name: models call it for complex tensors.
#include "ops/resize.h"
#include "ops/boxed.h"

// (Tensor self, SymInt[] size, *, MemoryFormat? memory_format)
static pt2_status_t resize(const pt2__boxed_t* boxed,
                           pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *result;
  const int64_t* sizes;
  int64_t rank, number = PT2_MEMORY_FORMAT_CONTIGUOUS;
  bool given;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_ints(boxed, 1, "size", &sizes, &rank));
  PT2_TRY(pt2__boxed_enum(boxed, 2, "memory_format", PT2_VALUE_MEMORY_FORMAT,
                          &number, &given));
  const int32_t format = (int32_t)number;
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &result));
  pt2_status_t status = pt2__tensor_copy(result, self);
  if (status == PT2_STATUS_OK) {
    status = pt2__resize(result, rank, sizes, given ? &format : NULL);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(resize, 1, resize)
