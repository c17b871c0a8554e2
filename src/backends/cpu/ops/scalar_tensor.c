// SPDX-License-Identifier: Apache-2.0
//
// aten::scalar_tensor, by name: models call it for complex numbers.
#include "ops/boxed.h"

// (Scalar s, *, ScalarType? dtype, Layout? layout, Device? device, bool?
// pin_memory)
static pt2_status_t scalar_tensor(const pt2__boxed_t* boxed,
                                  pt2_tensor_t** out_result) {
  double parts[2] = {0, 0};
  int32_t number = PT2_DTYPE_UNDEFINED;
  int64_t dtype = PT2_DTYPE_F32;
  PT2_TRY(pt2__boxed_scalar(boxed, 0, "s", parts, &number));
  PT2_OP_CHECK(number != PT2_DTYPE_UNDEFINED,
               "argument s: expected a number, got nothing");
  PT2_TRY(pt2__boxed_enum(boxed, 1, "dtype", PT2_VALUE_DTYPE, &dtype, NULL));
  PT2_OP_CHECK(pt2__dtype_is_complex((int32_t)dtype) || parts[1] == 0,
               "value cannot be converted to type %s without overflow",
               pt2__dtype_torch_name((int32_t)dtype));
  pt2_tensor_t* result;
  PT2_TRY(pt2__tensor_empty((int32_t)dtype, 0, NULL, NULL, &result));
  pt2__element_set_complex(result->dtype, result->data, parts);
  *out_result = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(scalar_tensor, 1, scalar_tensor)
