// SPDX-License-Identifier: Apache-2.0
#include "ops/slow_conv2d.h"

#include <inttypes.h>
#include <string.h>

// Sizes and parameters beyond this are refused, so that no product of two of
// them overflows.
#define LARGEST INT32_MAX

static pt2_status_t read_pair(const pt2__boxed_t* boxed, size_t at,
                              const char* name, int64_t* out_pair) {
  const int64_t* values;
  int64_t count;
  PT2_TRY(pt2__boxed_ints(boxed, at, name, &values, &count));
  PT2_OP_CHECK(count == 2, "2D %s expected, got %" PRId64 " values", name,
               count);
  for (int i = 0; i < 2; ++i) {
    PT2_OP_CHECK(values[i] >= -LARGEST && values[i] <= LARGEST,
                 "%s of %" PRId64 " is too large", name, values[i]);
    out_pair[i] = values[i];
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_dtypes(const pt2__slow_conv2d_t* call) {
  const int32_t dtype = call->input->dtype;
  const bool floating =
      pt2__dtype_is_floating(dtype) && pt2_dtype_size_bytes(dtype) > 1;
  const bool integer = dtype == PT2_DTYPE_U8 || dtype == PT2_DTYPE_I8 ||
                       dtype == PT2_DTYPE_I16 || dtype == PT2_DTYPE_I32 ||
                       dtype == PT2_DTYPE_I64;
  if (!floating && !(integer && call->gradient == NULL)) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "\"slow_conv2d_cpu\" not implemented for '%s'",
                    pt2__dtype_torch_name(dtype));
  }
  const pt2_tensor_t* others[] = {call->given, call->gradient};
  for (int i = 0; i < 2; ++i) {
    PT2_OP_CHECK(others[i] == NULL || others[i]->dtype == dtype,
                 "expected scalar type %s but found %s",
                 pt2__dtype_torch_name(dtype),
                 pt2__dtype_torch_name(others[i]->dtype));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_size(const pt2_tensor_t* tensor, const char* name,
                               int32_t rank, int32_t d, int64_t size) {
  char text[256];
  PT2_OP_CHECK(
      tensor->rank == rank && tensor->sizes[d] == size,
      "%s: Expected a tensor of dimension %d and tensor.size[%d] == "
      "%" PRId64 " but got sizes %s",
      name, (int)rank, (int)d, size,
      pt2__sizes_format(tensor->rank, tensor->sizes, text, sizeof(text)));
  return PT2_STATUS_OK;
}

static pt2_status_t check_input(const pt2__slow_conv2d_t* call) {
  char text[256];
  const pt2_tensor_t* input = call->input;
  pt2__sizes_format(input->rank, input->sizes, text, sizeof(text));
  PT2_OP_CHECK(input->rank == 4, "Expected 4D input tensor, but got: %s", text);
  for (int d = 0; d < 4; ++d) {
    PT2_OP_CHECK(input->sizes[d] <= LARGEST, "self of size %s is too large",
                 text);
    PT2_OP_CHECK(d < 2 || input->sizes[d] != 0,
                 "Expected non-zero size for input dimension %d, but got input "
                 "shape: %s. Only the batch and channel dimensions support "
                 "size 0.",
                 d, text);
  }
  return PT2_STATUS_OK;
}

// Fills in the sizes; |*out_channels| is how many the weight reads.
static pt2_status_t fill_sizes(pt2__slow_conv2d_t* call,
                               int64_t* out_channels) {
  pt2__conv_t* conv = &call->conv;
  const pt2_tensor_t *weight = call->given, *input = call->input;
  char text[256];
  PT2_OP_CHECK(conv->kernel[1] > 0 && conv->kernel[2] > 0,
               "kernel size should be greater than zero, but got %" PRId64
               " x %" PRId64,
               conv->kernel[1], conv->kernel[2]);
  PT2_OP_CHECK(conv->stride[1] > 0 && conv->stride[2] > 0,
               "stride should be greater than zero, but got %" PRId64
               " x %" PRId64,
               conv->stride[1], conv->stride[2]);
  PT2_OP_CHECK(conv->padding[1] >= 0 && conv->padding[2] >= 0,
               "negative padding is not supported, got %" PRId64 " x %" PRId64,
               conv->padding[1], conv->padding[2]);
  PT2_OP_CHECK(
      weight->numel > 0 && (weight->rank == 2 || weight->rank == 4),
      "non-empty 2D or 4D weight tensor expected, but got: %s",
      pt2__sizes_format(weight->rank, weight->sizes, text, sizeof(text)));
  PT2_TRY(check_input(call));
  conv->channels_out = weight->sizes[0];
  PT2_OP_CHECK(conv->channels_out <= LARGEST && weight->numel <= INT64_MAX / 64,
               "weight has too many elements: %" PRId64, weight->numel);
  if (call->bias != NULL) {
    PT2_TRY(check_size(call->bias, "bias", 1, 0, conv->channels_out));
  }
  const int64_t taps = conv->kernel[1] * conv->kernel[2];
  const int64_t row = weight->numel / conv->channels_out;
  *out_channels = row / taps;
  conv->batch = input->sizes[0];
  conv->channels_in = input->sizes[1];
  for (int d = 1; d < 3; ++d) {
    conv->input[d] = input->sizes[d + 1];
    const int64_t padded = conv->input[d] + 2 * conv->padding[d];
    PT2_OP_CHECK(padded >= conv->kernel[d],
                 "Calculated padded input size per channel: %" PRId64
                 ". Kernel size: %" PRId64
                 ". Kernel size can't be greater than actual input size",
                 padded, conv->kernel[d]);
    conv->output[d] = (padded - conv->kernel[d]) / conv->stride[d] + 1;
  }
  // torch takes no channels at all too, but then reads what is not there where
  // it computes gradients.
  if (conv->channels_in != 0 || call->gradient != NULL) {
    PT2_TRY(check_size(input, "self", 4, 1, *out_channels));
  }
  PT2_OP_CHECK(*out_channels * taps == row && *out_channels > 0,
               "weight has %" PRId64
               " elements for each result, which are no "
               "channels of %" PRId64 " x %" PRId64,
               row, conv->kernel[1], conv->kernel[2]);
  return PT2_STATUS_OK;
}

static pt2_status_t check_gradient(const pt2__slow_conv2d_t* call) {
  const pt2__conv_t* conv = &call->conv;
  const int64_t sizes[] = {conv->batch, conv->channels_out, conv->output[1],
                           conv->output[2]};
  for (int32_t d = 0; d < 4; ++d) {
    PT2_TRY(check_size(call->gradient, "grad_output", 4, d, sizes[d]));
  }
  return PT2_STATUS_OK;
}

static void fill_layout(pt2__slow_conv2d_t* call) {
  pt2__conv_t* conv = &call->conv;
  conv->channels_last = pt2__tensor_suggest_memory_format(call->input) ==
                            PT2_MEMORY_FORMAT_CHANNELS_LAST ||
                        (call->given->rank == 4 &&
                         pt2__tensor_suggest_memory_format(call->given) ==
                             PT2_MEMORY_FORMAT_CHANNELS_LAST);
  const int64_t sizes[] = {conv->batch, conv->channels_out, conv->output[1],
                           conv->output[2]};
  memcpy(conv->out_sizes, sizes, sizeof(sizes));
  if (conv->channels_last) {
    pt2__sizes_channels_last_strides(4, sizes, conv->out_strides);
  } else {
    pt2__sizes_contiguous_strides(4, sizes, conv->out_strides);
  }
}

// The weight by channels and taps: its rows are read in the order of the format
// that is computed in.
static pt2_status_t make_weight(pt2__slow_conv2d_t* call, int64_t channels) {
  const pt2__conv_t* conv = &call->conv;
  const pt2_tensor_t* given = call->given;
  const int64_t sizes[] = {conv->channels_out, channels, conv->kernel[1],
                           conv->kernel[2]};
  if (given->rank == 4 && memcmp(given->sizes, sizes, sizeof(sizes)) == 0) {
    return pt2__tensor_alias(given, &call->weight);
  }
  PT2_OP_CHECK(given->rank == 4 || !conv->channels_last,
               "required rank 4 tensor to use channels_last format, but weight "
               "has %d dimensions",
               (int)given->rank);
  int64_t dense[4], strides[4];
  pt2_tensor_t* copy;
  if (conv->channels_last) {
    pt2__sizes_channels_last_strides(4, given->sizes, dense);
    pt2__sizes_channels_last_strides(4, sizes, strides);
  } else {
    pt2__sizes_contiguous_strides(given->rank, given->sizes, dense);
    pt2__sizes_contiguous_strides(4, sizes, strides);
  }
  PT2_TRY(
      pt2__tensor_empty(given->dtype, given->rank, given->sizes, dense, &copy));
  pt2_status_t status = pt2__tensor_copy(copy, given);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_view(copy, 4, sizes, strides, 0, &call->weight);
  }
  pt2__tensor_release(copy);
  return status;
}

pt2_status_t pt2__slow_conv2d_read(const pt2__boxed_t* boxed, bool backward,
                                   pt2__slow_conv2d_t* out_call) {
  const size_t first = backward ? 1 : 0;
  pt2__slow_conv2d_t call = {.conv = {.groups = 1,
                                      .rank = 4,
                                      .input = {1, 1, 1},
                                      .kernel = {1, 1, 1},
                                      .output = {1, 1, 1},
                                      .stride = {1, 1, 1},
                                      .dilation = {1, 1, 1}}};
  pt2__conv_t* conv = &call.conv;
  int64_t channels = 0;
  if (backward) {
    PT2_TRY(pt2__boxed_tensor(boxed, 0, "grad_output", &call.gradient));
  } else {
    PT2_TRY(pt2__boxed_optional_tensor(boxed, 3, "bias", &call.bias));
  }
  PT2_TRY(pt2__boxed_tensor(boxed, first, "self", &call.input));
  PT2_TRY(pt2__boxed_tensor(boxed, first + 1, "weight", &call.given));
  PT2_TRY(read_pair(boxed, first + 2, "kernel_size", &conv->kernel[1]));
  PT2_TRY(read_pair(boxed, 4, "stride", &conv->stride[1]));
  PT2_TRY(read_pair(boxed, 5, "padding", &conv->padding[1]));
  PT2_TRY(fill_sizes(&call, &channels));
  PT2_TRY(check_dtypes(&call));
  if (backward) {
    PT2_TRY(check_gradient(&call));
  }
  conv->empty = conv->batch == 0 || conv->channels_in == 0;
  fill_layout(&call);
  PT2_TRY(make_weight(&call, channels));
  *out_call = call;
  return PT2_STATUS_OK;
}
