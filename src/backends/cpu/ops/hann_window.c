// SPDX-License-Identifier: Apache-2.0
//
// aten::hann_window, periodic as the C function has it: 0.5 - 0.5 cos(2 pi i /
// n). Computed in torch's steps, each rounded to the dtype.
#include <math.h>

#include "ops/factory.h"

static double round_to(int32_t dtype, double value) {
  char element[8];
  pt2__element_set_f64(dtype, element, value);
  return pt2__element_get_f64(dtype, element);
}

static void fill(pt2_tensor_t* window, int64_t length) {
  int32_t dtype = window->dtype;
  double step = 2.0 * 3.14159265358979323846 / (double)length;
  if (dtype == PT2_DTYPE_F64) {
    double* to = window->data;
    for (int64_t i = 0; i < length; ++i) {
      to[i] = cos((double)i * step) * -0.5 + 0.5;
    }
    return;
  }
  if (dtype == PT2_DTYPE_F32) {
    float* to = window->data;
    for (int64_t i = 0; i < length; ++i) {
      to[i] = cosf((float)i * (float)step) * -0.5f + 0.5f;
    }
    return;
  }
  size_t bytes = pt2_dtype_size_bytes(dtype);
  char* to = window->data;
  float narrow_step = (float)round_to(dtype, step);
  for (int64_t i = 0; i < length; ++i) {
    float angle = (float)round_to(dtype, (double)i) * narrow_step;
    float cosine = cosf((float)round_to(dtype, angle));
    double half = round_to(dtype, -0.5 * round_to(dtype, cosine));
    pt2__element_set_f64(dtype, to + (size_t)i * bytes, half + 0.5);
  }
}

static pt2_status_t check_dtype(int32_t dtype) {
  PT2_OP_CHECK(pt2__dtype_is_floating(dtype) || pt2__dtype_is_complex(dtype),
               "hann_window expects floating point dtypes, got: %s",
               pt2__dtype_torch_name(dtype));
  PT2_OP_CHECK(dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16 ||
                   dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64,
               "\"arange_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(dtype));
  return PT2_STATUS_OK;
}

static pt2_status_t hann_window(int64_t length,
                                const pt2__factory_options_t* options,
                                pt2_tensor_t** out_result) {
  int32_t dtype = options->dtype != NULL ? *options->dtype : PT2_DTYPE_F32;
  PT2_TRY(check_dtype(dtype));
  PT2_OP_CHECK(length >= 0,
               "hann_window requires non-negative window_length, got "
               "window_length=%lld",
               (long long)length);
  pt2_tensor_t* window = NULL;
  PT2_TRY(pt2__factory_empty(&length, 1, options, dtype, &window));
  if (length == 1) {
    pt2__element_set_f64(dtype, window->data, 1.0);
  } else {
    fill(window, length);
  }
  *out_result = window;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_hann_window(int64_t window_length, int32_t* dtype,
                                          int32_t* layout, int32_t* device,
                                          int32_t device_index,
                                          int32_t* pin_memory,
                                          AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {
      .dtype = dtype, .layout = layout, .device = device};
  PT2_OP_RETURN("aten::hann_window",
                hann_window(window_length, &options, ret0));
}
