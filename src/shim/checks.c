// SPDX-License-Identifier: Apache-2.0
//
// What a model says about its own values: warnings, NaN checks, printed
// tensors.
#include <math.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/log.h"
#include "ops/op.h"
#include "shim/shim.h"
#include "tensor/device.h"

void aoti_torch_warn(const char* func, const char* file, uint32_t line,
                     const char* msg) {
  pt2__log(PT2_LOG_WARNING, "%s (%s, %s:%u)", msg != NULL ? msg : "",
           func != NULL ? func : "?", file != NULL ? file : "?", line);
}

// ---- check_inf_and_nan -----------------------------------------------------

typedef struct {
  const pt2_tensor_t* tensor;
  int64_t index[PT2__MAX_RANK];
  const char* at;
} cursor_t;

static void cursor_begin(cursor_t* cursor, const pt2_tensor_t* tensor) {
  cursor->tensor = tensor;
  cursor->at = tensor->data;
  for (int i = 0; i < tensor->rank; ++i) {
    cursor->index[i] = 0;
  }
}

// Steps to the next element in row-major order.
static void cursor_next(cursor_t* cursor) {
  const pt2_tensor_t* tensor = cursor->tensor;
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(tensor->dtype);
  for (int i = tensor->rank - 1; i >= 0; --i) {
    cursor->at += tensor->strides[i] * bytes;
    if (++cursor->index[i] < tensor->sizes[i]) {
      return;
    }
    cursor->at -= tensor->strides[i] * tensor->sizes[i] * bytes;
    cursor->index[i] = 0;
  }
}

// Finds whether |tensor| has a NaN and whether it has an infinity.
static void scan(const pt2_tensor_t* tensor, bool* out_nan, bool* out_inf) {
  *out_nan = false;
  *out_inf = false;
  cursor_t cursor;
  cursor_begin(&cursor, tensor);
  for (int64_t i = 0; i < tensor->numel; ++i) {
    double parts[2];
    pt2__element_get_complex(tensor->dtype, cursor.at, parts);
    *out_nan |= isnan(parts[0]) || isnan(parts[1]);
    *out_inf |= isinf(parts[0]) || isinf(parts[1]);
    cursor_next(&cursor);
  }
}

static pt2_status_t check_inf_and_nan(const char* name,
                                      AtenTensorHandle tensor) {
  PT2_TRY(pt2__shim_check_tensor(tensor, "tensor"));
  if (tensor->device_type != PT2_DEVICE_CPU) {
    pt2_tensor_t* copy = NULL;
    PT2_TRY(pt2__tensor_to(tensor, (pt2__place_t){NULL, 0}, &copy));
    pt2_status_t status = check_inf_and_nan(name, copy);
    pt2__tensor_release(copy);
    return status;
  }
  PT2_SHIM_CHECK(tensor->dtype != PT2_DTYPE_F4E2M1FNX2,
                 "\"isnan\" not implemented for '%s'",
                 pt2__dtype_torch_name(tensor->dtype));
  if (pt2__dtype_is_integral(tensor->dtype, true)) {
    return PT2_STATUS_OK;
  }
  bool has_nan;
  bool has_inf;
  scan(tensor, &has_nan, &has_inf);
  name = name != NULL ? name : "?";
  PT2_SHIM_CHECK(!has_nan, "At least one NaN in %s", name);
  PT2_SHIM_CHECK(!has_inf, "At least one INF in %s", name);
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_check_inf_and_nan(const char* tensor_name,
                                            AtenTensorHandle tensor) {
  PT2_SHIM_RETURN(check_inf_and_nan(tensor_name, tensor));
}

// ---- print_tensor_handle ---------------------------------------------------

// Larger tensors are summed up only, as torch does it.
#define MOST_PRINTED 64

static pt2_status_t print_element(pt2__buffer_t* text, int32_t dtype,
                                  const void* at) {
  if (dtype == PT2_DTYPE_U64) {
    return pt2__buffer_printf(
        text, " %llu", (unsigned long long)pt2__element_get_i64(dtype, at));
  }
  if (pt2__dtype_is_integral(dtype, true)) {
    return pt2__buffer_printf(text, " %lld",
                              (long long)pt2__element_get_i64(dtype, at));
  }
  double parts[2];
  pt2__element_get_complex(dtype, at, parts);
  if (pt2__dtype_is_complex(dtype)) {
    return pt2__buffer_printf(text, " (%.9g,%.9g)", parts[0], parts[1]);
  }
  return pt2__buffer_printf(text, " %.9g", parts[0]);
}

static pt2_status_t print_values(pt2__buffer_t* text,
                                 const pt2_tensor_t* tensor) {
  cursor_t cursor;
  cursor_begin(&cursor, tensor);
  PT2_TRY(pt2__buffer_printf(text, "Values:"));
  for (int64_t i = 0; i < tensor->numel; ++i) {
    PT2_TRY(print_element(text, tensor->dtype, cursor.at));
    cursor_next(&cursor);
  }
  return pt2__buffer_printf(text, "\n");
}

static pt2_status_t print_summary(pt2__buffer_t* text,
                                  const pt2_tensor_t* tensor) {
  double sum[2] = {0, 0};
  double least = INFINITY;
  double most = -INFINITY;
  cursor_t cursor;
  cursor_begin(&cursor, tensor);
  for (int64_t i = 0; i < tensor->numel; ++i) {
    double parts[2];
    pt2__element_get_complex(tensor->dtype, cursor.at, parts);
    sum[0] += parts[0];
    sum[1] += parts[1];
    least = parts[0] < least || isnan(parts[0]) ? parts[0] : least;
    most = parts[0] > most || isnan(parts[0]) ? parts[0] : most;
    cursor_next(&cursor);
  }
  double count = (double)tensor->numel;
  if (pt2__dtype_is_complex(tensor->dtype)) {
    return pt2__buffer_printf(text, "Mean value: (%.9g,%.9g)\n", sum[0] / count,
                              sum[1] / count);
  }
  return pt2__buffer_printf(
      text, "Mean value: %.9g\nMin value: %.9g\nMax value: %.9g\n",
      sum[0] / count, least, most);
}

static pt2_status_t print_elements(pt2__buffer_t* text,
                                   const pt2_tensor_t* tensor) {
  bool readable = tensor->dtype != PT2_DTYPE_F4E2M1FNX2 && tensor->numel > 0;
  if (readable && tensor->numel <= MOST_PRINTED) {
    PT2_TRY(print_values(text, tensor));
  }
  PT2_TRY(pt2__buffer_printf(text, "Number of elements: %lld\nDtype: %s\n",
                             (long long)tensor->numel,
                             pt2_dtype_name(tensor->dtype)));
  return readable ? print_summary(text, tensor) : PT2_STATUS_OK;
}

static pt2_status_t print_tensor(pt2__buffer_t* text, const char* message,
                                 const pt2_tensor_t* tensor) {
  char sizes[512];
  char strides[512];
  PT2_TRY(
      pt2__buffer_printf(text, "[  %s  ]:\n", message != NULL ? message : ""));
  if (!pt2__tensor_is_defined(tensor)) {
    return pt2__buffer_printf(text, "undefined tensor\n");
  }
  if (tensor->device_type == PT2_DEVICE_CPU) {
    PT2_TRY(print_elements(text, tensor));
  } else {
    pt2_tensor_t* copy = NULL;
    PT2_TRY(pt2__tensor_to(tensor, (pt2__place_t){NULL, 0}, &copy));
    pt2_status_t status = print_elements(text, copy);
    pt2__tensor_release(copy);
    PT2_TRY(status);
  }
  return pt2__buffer_printf(
      text, "Device: %s\nSize: %s\nStride: %s\nIs contiguous: %d\n",
      pt2_device_type_name(tensor->device_type),
      pt2__sizes_format(tensor->rank, tensor->sizes, sizes, sizeof(sizes)),
      pt2__sizes_format(tensor->rank, tensor->strides, strides,
                        sizeof(strides)),
      pt2__tensor_is_contiguous(tensor));
}

// Has no way to fail: a message that cannot be made is not sent.
void aoti_torch_print_tensor_handle(AtenTensorHandle self, const char* msg) {
  if (!pt2__log_enabled()) {
    return;
  }
  pt2__buffer_t text = {0};
  if (print_tensor(&text, msg, self) == PT2_STATUS_OK) {
    pt2__log_text(PT2_LOG_INFO, text.data);
  }
  pt2__buffer_free(&text);
}
