// SPDX-License-Identifier: Apache-2.0
//
// aten::scalar_tensor, by name: models call it for complex numbers.
#include "backends/cpu/kernels/elementwise/fill_number.h"

// (Scalar s, *, ScalarType? dtype, Layout? layout, Device? device, bool?
// pin_memory)
static pt2_status_t scalar_tensor(const pt2__boxed_t* boxed,
                                  pt2_tensor_t** out_result) {
  char element[16];
  int64_t dtype = PT2_DTYPE_F32;
  PT2_TRY(pt2__boxed_enum(boxed, 1, "dtype", PT2_VALUE_DTYPE, &dtype, NULL));
  PT2_TRY(pt2__boxed_element(boxed, 0, "s", (int32_t)dtype, element));
  pt2_tensor_t* result;
  PT2_TRY(pt2__tensor_empty((int32_t)dtype, 0, NULL, NULL, &result));
  pt2__fill_element(result, element);
  *out_result = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(scalar_tensor, 1, scalar_tensor)
