// SPDX-License-Identifier: Apache-2.0
//
// aten::convolution_backward: gradients of input, weight and bias.
#include <string.h>

#include "backends/cpu/kernels/convolution/conv_gradient.h"
#include "backends/cpu/kernels/convolution/convolution.h"
#include "ops/op.h"

static void set_zero(pt2_tensor_t* tensor) {
  size_t bytes = (size_t)tensor->numel * pt2_dtype_size_bytes(tensor->dtype);
  if (bytes > 0) {
    memset(tensor->data, 0, bytes);
  }
}

// The gradient of an empty convolution's weight looks like the weight.
static pt2_status_t make_gradient(const pt2_tensor_t* like, bool empty,
                                  const int64_t* strides,
                                  pt2_tensor_t** out_tensor) {
  return empty ? pt2__tensor_empty_like(like, like->dtype, out_tensor)
               : pt2__tensor_empty(like->dtype, like->rank, like->sizes,
                                   strides, out_tensor);
}

// What is missing is an undefined tensor.
static pt2_status_t make_results(const pt2__conv_gradients_t* gradients,
                                 const pt2_tensor_t* input,
                                 const pt2_tensor_t* weight, int64_t channels,
                                 const bool* mask, pt2_tensor_t** results) {
  bool empty = gradients->conv.empty;
  PT2_TRY(mask[0] ? make_gradient(input, false, gradients->input_strides,
                                  &results[0])
                  : pt2__tensor_undefined(&results[0]));
  PT2_TRY(mask[1] ? make_gradient(weight, empty, gradients->weight_strides,
                                  &results[1])
                  : pt2__tensor_undefined(&results[1]));
  return mask[2]
             ? pt2__tensor_empty(input->dtype, 1, &channels, NULL, &results[2])
             : pt2__tensor_undefined(&results[2]);
}

static pt2_status_t compute(const pt2__conv_t* conv,
                            const pt2_tensor_t* gradient,
                            const pt2_tensor_t* input,
                            const pt2_tensor_t* weight, const bool* mask,
                            pt2_tensor_t** results) {
  if (conv->empty || gradient->numel == 0) {
    for (int i = 0; i < 3; ++i) {
      if (mask[i]) {
        set_zero(results[i]);
      }
    }
    return PT2_STATUS_OK;
  }
  if (mask[0]) {
    PT2_TRY(pt2__conv_gradient_input(conv, gradient, weight, results[0]));
  }
  if (mask[1]) {
    PT2_TRY(pt2__conv_gradient_weight(conv, gradient, input, results[1]));
  }
  return mask[2] ? pt2__conv_gradient_bias(gradient, results[2])
                 : PT2_STATUS_OK;
}

static pt2_status_t backward(const pt2_tensor_t* gradient,
                             const pt2_tensor_t* input,
                             const pt2_tensor_t* weight,
                             const int64_t** bias_sizes, int64_t bias_count,
                             const pt2__conv_args_t* args,
                             const int32_t* wanted, int64_t wanted_count,
                             AtenTensorHandle* returned[3]) {
  PT2_OP_CHECK(wanted_count == 3 && wanted != NULL,
               "output_mask has %lld values, expected 3",
               (long long)wanted_count);
  PT2_OP_CHECK_TENSOR(input, "input");
  pt2__conv_host_t host = pt2__conv_host(input->dtype);
  pt2__conv_gradients_t gradients;
  PT2_TRY(pt2__conv_resolve_gradients(gradient, input, weight, args, &host,
                                      &gradients));
  // A model passes NULL for what it does not use.
  bool mask[3];
  for (int i = 0; i < 3; ++i) {
    mask[i] = wanted[i] != 0 && returned[i] != NULL;
  }
  int64_t channels = gradients.conv.channels_out;
  if (mask[2] && gradients.conv.empty) {
    PT2_OP_CHECK(bias_sizes != NULL && bias_count == 1 && (*bias_sizes)[0] >= 0,
                 "bias_sizes: expected one size");
    channels = (*bias_sizes)[0];
  }
  pt2_tensor_t* results[3] = {NULL, NULL, NULL};
  pt2_status_t status =
      make_results(&gradients, input, weight, channels, mask, results);
  if (status == PT2_STATUS_OK) {
    status = compute(&gradients.conv, gradient, input, weight, mask, results);
  }
  for (int i = 0; i < 3; ++i) {
    if (status == PT2_STATUS_OK && returned[i] != NULL) {
      *returned[i] = results[i];
    } else {
      pt2__tensor_release(results[i]);
    }
  }
  return status;
}

AOTITorchError aoti_torch_cpu_convolution_backward(
    AtenTensorHandle grad_output, AtenTensorHandle input,
    AtenTensorHandle weight, const int64_t** bias_sizes,
    int64_t bias_sizes_count, const int64_t* stride, int64_t stride_count,
    const int64_t* padding, int64_t padding_count, const int64_t* dilation,
    int64_t dilation_count, int32_t transposed, const int64_t* output_padding,
    int64_t output_padding_count, int64_t groups, const int32_t* output_mask,
    int64_t output_mask_count, AtenTensorHandle* ret0, AtenTensorHandle* ret1,
    AtenTensorHandle* ret2) {
  const pt2__conv_args_t args = {
      .stride = {stride, stride_count},
      .padding = {padding, padding_count},
      .dilation = {dilation, dilation_count},
      .output_padding = {output_padding, output_padding_count},
      .transposed = transposed != 0,
      .groups = groups,
  };
  AtenTensorHandle* returned[3] = {ret0, ret1, ret2};
  PT2_OP_RETURN(
      "aten::convolution_backward",
      backward(grad_output, input, weight, bias_sizes, bias_sizes_count, &args,
               output_mask, output_mask_count, returned));
}
