// SPDX-License-Identifier: Apache-2.0
//
// aten::full, of the C interface, where the number arrives as a double so that
// the default dtype is f32, and by name: models call that for complex tensors.
#include "backends/cpu/kernels/elementwise/fill_number.h"
#include "ops/boxed.h"
#include "ops/factory.h"

static pt2_status_t full(const int64_t* sizes, int64_t rank, double value,
                         const pt2__factory_options_t* options,
                         pt2_tensor_t** out_result) {
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__factory_empty(sizes, rank, options, PT2_DTYPE_F32, &result));
  pt2_status_t status = pt2__fill_number(result, value);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_aten_full(const int64_t* size, int64_t size_len,
                                    double fill_value, int32_t* dtype,
                                    int32_t* layout, int32_t* device,
                                    int32_t device_index, int32_t* pin_memory,
                                    AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {
      .dtype = dtype, .layout = layout, .device = device};
  PT2_OP_RETURN("aten::full", full(size, size_len, fill_value, &options, ret0));
}

// (SymInt[] size, Scalar fill_value, *, ScalarType? dtype)
static pt2_status_t full_by_name(const pt2__boxed_t* boxed,
                                 pt2_tensor_t** out_result) {
  const int64_t* sizes;
  int64_t rank;
  int32_t number = PT2_DTYPE_UNDEFINED;
  double parts[2] = {0, 0};
  PT2_TRY(pt2__boxed_ints(boxed, 0, "size", &sizes, &rank));
  PT2_TRY(pt2__boxed_scalar(boxed, 1, "fill_value", parts, &number));
  int64_t dtype = number;
  PT2_TRY(pt2__boxed_enum(boxed, 2, "dtype", PT2_VALUE_DTYPE, &dtype, NULL));
  char element[16];
  PT2_TRY(pt2__boxed_element(boxed, 1, "fill_value", (int32_t)dtype, element));
  pt2_tensor_t* result;
  PT2_TRY(pt2__tensor_empty((int32_t)dtype, rank, sizes, NULL, &result));
  pt2__fill_element(result, element);
  *out_result = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(full, 1, full_by_name)
