// SPDX-License-Identifier: Apache-2.0
//
// aten::_slow_conv2d_forward, by name: the convolution that torch takes where
// oneDNN is off.
#include <string.h>

#include "backends/cpu/kernels/convolution/convolution.h"
#include "ops/slow_conv2d.h"

// Without input channels a result is the bias, or nothing.
static pt2_status_t fill(const pt2_tensor_t* bias, pt2_tensor_t* result) {
  if (bias == NULL) {
    memset(result->data, 0,
           (size_t)result->numel * pt2_dtype_size_bytes(result->dtype));
    return PT2_STATUS_OK;
  }
  pt2_tensor_t* view;
  const int64_t strides[] = {0, bias->strides[0], 0, 0};
  PT2_TRY(pt2__tensor_view(bias, 4, result->sizes, strides,
                           bias->storage_offset, &view));
  pt2_status_t status = pt2__tensor_copy(result, view);
  pt2__tensor_release(view);
  return status;
}

static pt2_status_t compute(const pt2__slow_conv2d_t* call,
                            pt2_tensor_t* result) {
  pt2_tensor_t* bias = NULL;
  if (result->numel == 0) {
    return PT2_STATUS_OK;
  }
  if (call->conv.empty) {
    return fill(call->bias, result);
  }
  // The bias is rounded to the result's dtype before anything is added.
  if (call->bias != NULL) {
    PT2_TRY(pt2__tensor_to_contiguous(call->bias, result->dtype, &bias));
  }
  pt2_status_t status = pt2__conv_forward(&call->conv, call->input,
                                          call->weight, bias, NULL, result);
  pt2__tensor_release(bias);
  return status;
}

// (Tensor self, Tensor weight, SymInt[2] kernel_size, Tensor? bias,
//  SymInt[2] stride, SymInt[2] padding)
static pt2_status_t run(const pt2__boxed_t* boxed, pt2_tensor_t** out_result) {
  pt2__slow_conv2d_t call;
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__slow_conv2d_read(boxed, false, &call));
  pt2_status_t status =
      pt2__tensor_empty(call.input->dtype, 4, call.conv.out_sizes,
                        call.conv.out_strides, &result);
  if (status == PT2_STATUS_OK) {
    status = compute(&call, result);
    if (status == PT2_STATUS_OK) {
      *out_result = result;
    } else {
      pt2__tensor_release(result);
    }
  }
  pt2__tensor_release(call.weight);
  return status;
}

PT2_BOXED_OP(_slow_conv2d_forward, 1, run)
