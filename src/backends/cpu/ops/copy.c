// SPDX-License-Identifier: Apache-2.0
//
// aten::copy and aten::copy_, by name: models call them for complex tensors.
#include "ops/boxed.h"
#include "ops/view.h"

// (Tensor self, Tensor src, bool non_blocking)
static pt2_status_t copy(const pt2__boxed_t* boxed, pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *src, *result;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "src", &src));
  PT2_TRY(pt2__view_empty_like(self, &result));
  pt2_status_t status = pt2__view_copy_into(result, src);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(copy, 1, copy)

// (Tensor(a!) self, Tensor src, bool non_blocking) -> Tensor(a!)
static pt2_status_t copy_(const pt2__boxed_t* boxed,
                          pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *src, *result;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "src", &src));
  PT2_TRY(pt2__tensor_alias(self, &result));
  pt2_status_t status = pt2__view_copy_into(self, src);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(copy_, 1, copy_)
