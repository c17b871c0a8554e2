// SPDX-License-Identifier: Apache-2.0
//
// prims::convert_element_type, by name: models call it for complex tensors.
#include "ops/boxed.h"

// (Tensor a, ScalarType dtype)
static pt2_status_t convert(const pt2__boxed_t* boxed,
                            pt2_tensor_t** out_result) {
  pt2_tensor_t *a, *result;
  int64_t dtype = 0;
  bool given;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "a", &a));
  PT2_TRY(pt2__boxed_enum(boxed, 1, "dtype", PT2_VALUE_DTYPE, &dtype, &given));
  PT2_OP_CHECK(given, "argument dtype: expected a dtype, got None");
  PT2_TRY(pt2__tensor_empty_like(a, (int32_t)dtype, &result));
  pt2_status_t status = pt2__tensor_copy(result, a);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OVERLOAD(convert_element_type, "prims::convert_element_type", 1,
                   convert)
