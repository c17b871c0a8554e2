// SPDX-License-Identifier: Apache-2.0
#include "ops/convolution.h"

#include <stdio.h>
#include <string.h>

#include "ops/op.h"

// Sizes and parameters beyond this are refused, so that no product of two of
// them overflows.
#define LARGEST INT32_MAX

static const char* format_sizes(const pt2_tensor_t* tensor, char* text,
                                size_t text_bytes) {
  return pt2__sizes_format(tensor->rank, tensor->sizes, text, text_bytes);
}

// Spreads |list| over |count| dimensions at the end of |out|, whose others keep
// |fill|.
static pt2_status_t expand(pt2__int_list_t list, const char* name,
                           int64_t count, int64_t fill, int64_t* out) {
  if (list.count != 1 && list.count != count) {
    char text[256];
    int64_t shown = list.count < 0 ? 0 : list.count > 16 ? 16 : list.count;
    pt2__sizes_format(shown, list.values, text, sizeof(text));
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "expected %s to be a single integer value or a list of "
                    "%lld values to match the convolution dimensions, but got "
                    "%s=%s",
                    name, (long long)count, name, text);
  }
  for (int64_t i = 0; i < 3 - count; ++i) {
    out[i] = fill;
  }
  for (int64_t i = 0; i < count; ++i) {
    int64_t value = list.values[list.count == 1 ? 0 : i];
    PT2_OP_CHECK(value <= LARGEST, "%s of %lld is too large", name,
                 (long long)value);
    out[3 - count + i] = value;
  }
  return PT2_STATUS_OK;
}

static bool any_below(const int64_t* values, int64_t bound) {
  return values[0] < bound || values[1] < bound || values[2] < bound;
}

static pt2_status_t check_bias(const pt2_tensor_t* bias, int64_t channels,
                               const char* given) {
  if (bias == NULL || (bias->rank == 1 && bias->sizes[0] == channels)) {
    return PT2_STATUS_OK;
  }
  char text[256];
  return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                  "%s, expected bias to be 1-dimensional with %lld elements, "
                  "but got bias of size %s instead",
                  given, (long long)channels,
                  format_sizes(bias, text, sizeof(text)));
}

static pt2_status_t check_channels(const pt2_tensor_t* input,
                                   const pt2_tensor_t* weight,
                                   const pt2_tensor_t* bias,
                                   const pt2__conv_t* conv) {
  char of_input[256], of_weight[256], given[320];
  format_sizes(input, of_input, sizeof(of_input));
  format_sizes(weight, of_weight, sizeof(of_weight));
  long long groups = conv->groups;
  PT2_OP_CHECK(weight->rank == input->rank,
               "Expected %d-dimensional input for %d-dimensional weight %s, "
               "but got %d-dimensional input of size %s instead",
               weight->rank, weight->rank, of_weight, input->rank, of_input);
  PT2_OP_CHECK(weight->sizes[0] >= groups,
               "Given groups=%lld, expected weight to be at least %lld at "
               "dimension 0, but got weight of size %s instead",
               groups, groups, of_weight);
  PT2_OP_CHECK(weight->sizes[0] % groups == 0,
               "Given groups=%lld, expected weight to be divisible by %lld at "
               "dimension 0, but got weight of size [%s] instead",
               groups, groups, of_weight);
  PT2_OP_CHECK(weight->sizes[0] <= LARGEST && weight->sizes[1] <= LARGEST &&
                   groups <= LARGEST,
               "weight of size %s is too large", of_weight);
  int64_t wanted =
      conv->transposed ? weight->sizes[0] : weight->sizes[1] * groups;
  if (conv->transposed) {
    snprintf(given, sizeof(given), "Given transposed=1, weight of size %s",
             of_weight);
  } else {
    snprintf(given, sizeof(given), "Given groups=%lld, weight of size %s",
             groups, of_weight);
  }
  PT2_OP_CHECK(input->sizes[1] == wanted,
               "%s, expected input%s to have %lld channels, but got %lld "
               "channels instead",
               given, of_input, (long long)wanted, (long long)input->sizes[1]);
  if (!conv->transposed) {
    snprintf(given, sizeof(given), "Given weight of size %s", of_weight);
  }
  return check_bias(bias, conv->channels_out, given);
}

// Writes "a x b" of the last |count| of three values.
static void format_per_channel(const int64_t* values, int64_t count, char* text,
                               size_t text_bytes) {
  text[0] = '\0';
  for (int64_t i = 3 - count, used = 0; i < 3; ++i) {
    int wrote = snprintf(text + used, text_bytes - (size_t)used, "%s%lld",
                         i > 3 - count ? " x " : "", (long long)values[i]);
    used += wrote > 0 ? wrote : 0;
  }
}

static pt2_status_t size_of_forward(int64_t dims, pt2__conv_t* conv) {
  int64_t padded[3], reach[3];
  bool fits = true;
  for (int i = 0; i < 3; ++i) {
    padded[i] = conv->input[i] + 2 * conv->padding[i];
    reach[i] = conv->dilation[i] * (conv->kernel[i] - 1) + 1;
    fits = fits && padded[i] >= reach[i];
    conv->output[i] = (padded[i] - reach[i]) / conv->stride[i] + 1;
  }
  if (!fits) {
    char of_input[96], of_kernel[96];
    format_per_channel(padded, dims, of_input, sizeof(of_input));
    format_per_channel(reach, dims, of_kernel, sizeof(of_kernel));
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "Calculated padded input size per channel: (%s). Kernel "
                    "size: (%s). Kernel size can't be greater than actual "
                    "input size",
                    of_input, of_kernel);
  }
  return PT2_STATUS_OK;
}

// Writes "prefix_depth: 1 prefix_height: 2 prefix_width: 3".
static void format_by_name(const char* prefix, const int64_t* values,
                           int64_t dims, char* text, size_t text_bytes) {
  static const char* const names[3] = {"depth", "height", "width"};
  text[0] = '\0';
  for (int64_t i = 3 - (dims < 2 ? 2 : dims), used = 0; i < 3; ++i) {
    int wrote = snprintf(text + used, text_bytes - (size_t)used, " %s_%s: %lld",
                         prefix, names[i], (long long)values[i]);
    used += wrote > 0 ? wrote : 0;
  }
}

static pt2_status_t check_output_padding(int64_t dims,
                                         const int64_t* output_padding,
                                         const pt2__conv_t* conv) {
  for (int i = 0; i < 3; ++i) {
    if (output_padding[i] < conv->stride[i] ||
        output_padding[i] < conv->dilation[i]) {
      continue;
    }
    char got[160], stride[160], dilation[160];
    format_by_name("output_padding", output_padding, dims, got, sizeof(got));
    format_by_name("stride", conv->stride, dims, stride, sizeof(stride));
    format_by_name("dilation", conv->dilation, dims, dilation,
                   sizeof(dilation));
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "output padding must be smaller than either stride or "
                    "dilation, but got%s%s%s",
                    got, stride, dilation);
  }
  return PT2_STATUS_OK;
}

// PyTorch accepts a result of size zero only where it uses oneDNN.
static pt2_status_t size_of_transposed(int64_t dims,
                                       const int64_t* output_padding,
                                       bool onednn, pt2__conv_t* conv) {
  if (!conv->empty) {
    PT2_TRY(check_output_padding(dims, output_padding, conv));
  }
  bool fits = true;
  for (int i = 0; i < 3; ++i) {
    conv->output[i] =
        (conv->input[i] - 1) * conv->stride[i] - 2 * conv->padding[i] +
        conv->dilation[i] * (conv->kernel[i] - 1) + output_padding[i] + 1;
    fits = fits && conv->output[i] >= (onednn || conv->empty ? 0 : 1);
  }
  if (!fits) {
    char of_input[96], of_output[96];
    // PyTorch takes a 1-d one as 2-d here.
    dims = dims < 2 ? 2 : dims;
    format_per_channel(conv->input, dims, of_input, sizeof(of_input));
    format_per_channel(conv->output, dims, of_output, sizeof(of_output));
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "Given input size per channel: (%s). Calculated output "
                    "size per channel: (%s). Output size is too small",
                    of_input, of_output);
  }
  return PT2_STATUS_OK;
}

// PyTorch's choice of oneDNN, which decides on strides of 3-d results and on
// whether mixed dtypes of input and bias are an error.
static bool torch_uses_onednn(const pt2_tensor_t* input,
                              const pt2__conv_host_t* host,
                              const int64_t* output_padding,
                              const pt2__conv_t* conv) {
  bool strided = false, dilated = false;
  for (int i = 0; i < 3; ++i) {
    if (conv->transposed && output_padding[i] >= conv->stride[i]) {
      return false;
    }
    strided = strided || conv->stride[i] != 1;
    dilated = dilated || conv->dilation[i] != 1;
  }
  if (host->always_onednn) {
    return true;
  }
  if (input->dtype != PT2_DTYPE_F32) {
    return false;
  }
  bool spreads = strided || dilated || conv->batch >= 16 ||
                 conv->kernel[2] != 1 || conv->kernel[1] != 1 || host->threads;
  // Of a 3-d convolution PyTorch leaves the width out here.
  double elements = (double)conv->batch * (double)conv->channels_in;
  elements *= conv->rank == 5 ? (double)conv->input[0] * (double)conv->input[1]
                              : (double)conv->input[1] * (double)conv->input[2];
  return spreads &&
         (conv->groups > 1 || (conv->kernel[2] > 3 && conv->kernel[1] > 3) ||
          conv->batch > 1 || elements > 20480);
}

// A 1-d tensor as the 2-d one that PyTorch makes of it (a height of one).
static int32_t suggested_format(const pt2_tensor_t* tensor, bool contiguous) {
  if (tensor->rank != 3) {
    return pt2__tensor_suggest_memory_format(tensor);
  }
  int64_t dims[8] = {tensor->sizes[0], tensor->sizes[1], 1, tensor->sizes[2]};
  if (contiguous) {
    pt2__sizes_contiguous_strides(4, dims, dims + 4);
  } else {
    dims[4] = tensor->strides[0];
    dims[5] = tensor->strides[1];
    dims[6] = tensor->sizes[2] * tensor->strides[2];
    dims[7] = tensor->strides[2];
  }
  pt2_tensor_t view = *tensor;
  view.rank = 4;
  view.sizes = dims;
  view.strides = dims + 4;
  return pt2__tensor_suggest_memory_format(&view);
}

// The format that PyTorch sees in a tensor of these sizes and channels-last
// strides: where they are ambiguous it is the plain one.
static bool seen_as_channels_last(const pt2_tensor_t* like,
                                  const int64_t* sizes) {
  int64_t strides[4];
  pt2__sizes_channels_last_strides(4, sizes, strides);
  pt2_tensor_t view = *like;
  view.rank = 4;
  view.sizes = (int64_t*)sizes;
  view.strides = strides;
  return pt2__tensor_suggest_memory_format(&view) !=
         PT2_MEMORY_FORMAT_CONTIGUOUS;
}

// PyTorch looks twice: first at what it is given, then at what it has made
// channels-last of that, where strides that were telling may be ambiguous.
static bool looks_channels_last(const pt2_tensor_t* tensor, bool contiguous) {
  return suggested_format(tensor, contiguous) != PT2_MEMORY_FORMAT_CONTIGUOUS;
}

static bool stays_channels_last(const pt2_tensor_t* tensor) {
  if (tensor->rank != 4 || pt2__tensor_is_channels_last(tensor)) {
    return tensor->rank != 4 || looks_channels_last(tensor, false);
  }
  return seen_as_channels_last(tensor, tensor->sizes);
}

static bool wants_channels_last(const pt2_tensor_t* input,
                                const pt2_tensor_t* weight, bool onednn) {
  if ((input->rank == 5 && !onednn) ||
      (onednn && input->dtype == PT2_DTYPE_F64)) {
    return false;
  }
  if (!looks_channels_last(input, true) &&
      !looks_channels_last(weight, false)) {
    return false;
  }
  return stays_channels_last(input) || stays_channels_last(weight);
}

// Without oneDNN the results of groups are put together by their strides:
// |batch|, |channels| and |spatial| are a group's sizes.
static bool joins_channels_last(const pt2_tensor_t* like,
                                const pt2__conv_t* conv, int64_t batch,
                                int64_t channels, const int64_t* spatial) {
  const int64_t of_group[4] = {batch, channels, spatial[1], spatial[2]};
  return conv->onednn || conv->groups == 1 ||
         seen_as_channels_last(like, of_group);
}

static void set_layout(const pt2_tensor_t* input, pt2__conv_t* conv) {
  int rank = conv->rank;
  conv->out_sizes[0] = conv->batch;
  conv->out_sizes[1] = conv->channels_in == 0 ? 0 : conv->channels_out;
  for (int i = 2; i < rank; ++i) {
    conv->out_sizes[i] = conv->output[3 - rank + i];
  }
  if (conv->empty) {
    // What PyTorch computes there is a product that keeps the input's strides
    // if the sizes stay.
    bool same = memcmp(conv->out_sizes, input->sizes,
                       sizeof(*conv->out_sizes) * (size_t)rank) == 0;
    if (same && rank > 3) {
      memcpy(conv->out_strides, input->strides,
             sizeof(*conv->out_strides) * (size_t)rank);
    } else {
      pt2__sizes_contiguous_strides(rank, conv->out_sizes, conv->out_strides);
    }
    return;
  }
  if (!conv->channels_last) {
    pt2__sizes_contiguous_strides(rank, conv->out_sizes, conv->out_strides);
  } else if (rank == 3) {
    conv->out_strides[0] = conv->out_sizes[1] * conv->out_sizes[2];
    conv->out_strides[1] = 1;
    conv->out_strides[2] = conv->out_sizes[1];
  } else {
    pt2__sizes_channels_last_strides(rank, conv->out_sizes, conv->out_strides);
  }
}

static pt2_status_t check_dtypes(const pt2_tensor_t* input,
                                 const pt2_tensor_t* weight,
                                 const pt2_tensor_t* bias,
                                 const pt2__conv_t* conv, bool onednn) {
  const char* of_input = pt2__dtype_torch_name(input->dtype);
  PT2_OP_CHECK(weight->dtype == input->dtype,
               "Input type (torch.%sTensor) and weight type (torch.%sTensor) "
               "should be the same",
               of_input, pt2__dtype_torch_name(weight->dtype));
  PT2_OP_CHECK(bias == NULL || bias->dtype == input->dtype || !onednn,
               "Input type (torch.%sTensor) and bias type (torch.%sTensor) "
               "should be the same",
               of_input, pt2__dtype_torch_name(bias->dtype));
  switch (input->dtype) {
    case PT2_DTYPE_F32:
    case PT2_DTYPE_F64:
    case PT2_DTYPE_F16:
    case PT2_DTYPE_BF16:
    case PT2_DTYPE_I64:
      return PT2_STATUS_OK;
    case PT2_DTYPE_U8:
    case PT2_DTYPE_I8:
    case PT2_DTYPE_I16:
    case PT2_DTYPE_I32:
      if (!conv->transposed && conv->dilation[0] == 1 &&
          conv->dilation[1] == 1 && conv->dilation[2] == 1) {
        return PT2_STATUS_OK;
      }
      break;
    default:
      break;
  }
  return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "not implemented for '%s'", of_input);
}

// Fails if nothing sensible can come of the spatial sizes.
static pt2_status_t check_spatial(const pt2_tensor_t* input, int64_t dims,
                                  const pt2__conv_t* conv) {
  for (int i = 0; i < 3; ++i) {
    PT2_OP_CHECK(
        conv->input[i] <= LARGEST && conv->kernel[i] <= LARGEST,
        "input or kernel size of %lld is too large",
        (long long)(conv->input[i] > conv->kernel[i] ? conv->input[i]
                                                     : conv->kernel[i]));
  }
  PT2_OP_CHECK(!any_below(conv->dilation, 1),
               "non-positive dilation is not supported");
  char text[256];
  if (any_below(conv->kernel, 1)) {
    format_per_channel(conv->kernel, dims, text, sizeof(text));
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "kernel size should be greater than zero, but got (%s)",
                    text);
  }
  PT2_OP_CHECK(conv->empty || input->numel > 0,
               "Only zero batch or zero channel inputs are supported, but got "
               "input shape: %s",
               format_sizes(input, text, sizeof(text)));
  PT2_OP_CHECK(conv->channels_out > 0 || conv->empty,
               "a convolution without output channels is not supported");
  return PT2_STATUS_OK;
}

pt2_status_t pt2__conv_resolve(const pt2_tensor_t* input,
                               const pt2_tensor_t* weight,
                               const pt2_tensor_t* bias,
                               const pt2__conv_args_t* args,
                               const pt2__conv_host_t* host,
                               pt2__conv_t* out_conv) {
  PT2_OP_CHECK_TENSOR(input, "input");
  PT2_OP_CHECK_TENSOR(weight, "weight");
  if (bias != NULL) {
    PT2_OP_CHECK_TENSOR(bias, "bias");
  }
  int64_t dims = weight->rank - 2;
  PT2_OP_CHECK(dims > 0, "weight should have at least three dimensions");
  PT2_OP_CHECK(args->groups > 0, "non-positive groups is not supported");
  PT2_OP_CHECK(dims <= 3, "unsupported ConvNd parameters");

  pt2__conv_t conv = {.transposed = args->transposed,
                      .groups = args->groups,
                      .rank = weight->rank};
  int64_t output_padding[3] = {0, 0, 0};
  PT2_TRY(expand(args->stride, "stride", dims, 1, conv.stride));
  PT2_TRY(expand(args->padding, "padding", dims, 0, conv.padding));
  PT2_TRY(expand(args->dilation, "dilation", dims, 1, conv.dilation));
  if (args->output_padding.count != 0) {
    PT2_TRY(expand(args->output_padding, "output_padding", dims, 0,
                   output_padding));
  }
  PT2_OP_CHECK(!any_below(conv.padding, 0),
               "negative padding is not supported");
  PT2_OP_CHECK(!any_below(output_padding, 0),
               "negative output_padding is not supported");
  PT2_OP_CHECK(!any_below(conv.stride, 1),
               "non-positive stride is not supported");
  int64_t channels = weight->sizes[conv.transposed ? 1 : 0];
  PT2_OP_CHECK(!conv.transposed || channels <= LARGEST / conv.groups,
               "%lld groups of %lld channels are too many",
               (long long)conv.groups, (long long)channels);
  conv.channels_out = conv.transposed ? channels * conv.groups : channels;
  PT2_TRY(check_channels(input, weight, bias, &conv));

  conv.batch = input->sizes[0];
  conv.channels_in = input->sizes[1];
  conv.empty = conv.batch == 0 || conv.channels_in == 0;
  for (int i = 0; i < 3; ++i) {
    bool has = i >= 3 - dims;
    conv.input[i] = has ? input->sizes[i - 3 + input->rank] : 1;
    conv.kernel[i] = has ? weight->sizes[i - 3 + weight->rank] : 1;
  }
  PT2_TRY(check_spatial(input, dims, &conv));
  conv.onednn = torch_uses_onednn(input, host, output_padding, &conv);
  PT2_TRY(conv.transposed
              ? size_of_transposed(dims, output_padding, conv.onednn, &conv)
              : size_of_forward(dims, &conv));
  if (!conv.empty) {
    PT2_TRY(check_dtypes(input, weight, bias, &conv, conv.onednn));
  }
  conv.channels_last =
      wants_channels_last(input, weight, conv.onednn) &&
      joins_channels_last(input, &conv, conv.batch,
                          conv.channels_out / conv.groups, conv.output);
  set_layout(input, &conv);
  *out_conv = conv;
  return PT2_STATUS_OK;
}

// ---- Gradients -------------------------------------------------------------

static pt2_status_t check_gradient(const pt2_tensor_t* gradient,
                                   const pt2_tensor_t* input,
                                   const pt2__conv_t* conv) {
  char got[256], wanted[256];
  PT2_OP_CHECK(gradient->rank == input->rank,
               "Expected input and grad_output to have the same number of "
               "dimensions, but got: %d and %d",
               input->rank, gradient->rank);
  PT2_OP_CHECK(
      memcmp(gradient->sizes, conv->out_sizes,
             sizeof(*conv->out_sizes) * (size_t)conv->rank) == 0,
      "grad_output has the size %s, but the convolution's result is %s",
      format_sizes(gradient, got, sizeof(got)),
      pt2__sizes_format(conv->rank, conv->out_sizes, wanted, sizeof(wanted)));
  PT2_OP_CHECK(gradient->dtype == input->dtype,
               "grad_output is %s, expected %s as input is",
               pt2__dtype_torch_name(gradient->dtype),
               pt2__dtype_torch_name(input->dtype));
  bool dilated = conv->dilation[0] != 1 || conv->dilation[1] != 1 ||
                 conv->dilation[2] != 1;
  if (!conv->empty && !pt2__dtype_is_floating(input->dtype) &&
      (input->dtype != PT2_DTYPE_I64 || conv->transposed || !dilated)) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "the gradient is not implemented for '%s'",
                    pt2__dtype_torch_name(input->dtype));
  }
  return PT2_STATUS_OK;
}

static void set_strides(const pt2_tensor_t* tensor, bool channels_last,
                        int64_t* strides) {
  const int64_t* sizes = tensor->sizes;
  if (!channels_last) {
    pt2__sizes_contiguous_strides(tensor->rank, sizes, strides);
  } else if (tensor->rank == 3) {
    strides[0] = sizes[1] * sizes[2];
    strides[1] = 1;
    strides[2] = sizes[1];
  } else {
    pt2__sizes_channels_last_strides(tensor->rank, sizes, strides);
  }
}

pt2_status_t pt2__conv_resolve_gradients(const pt2_tensor_t* gradient,
                                         const pt2_tensor_t* input,
                                         const pt2_tensor_t* weight,
                                         const pt2__conv_args_t* args,
                                         const pt2__conv_host_t* host,
                                         pt2__conv_gradients_t* out_gradients) {
  PT2_OP_CHECK_TENSOR(gradient, "grad_output");
  pt2__conv_gradients_t result;
  pt2__conv_t* conv = &result.conv;
  PT2_TRY(pt2__conv_resolve(input, weight, NULL, args, host, conv));
  for (int64_t i = 0; i < args->output_padding.count; ++i) {
    PT2_OP_CHECK(conv->transposed || args->output_padding.values[i] == 0,
                 "output_padding is not supported for non-transposed "
                 "convolutions; got: %lld",
                 (long long)args->output_padding.values[i]);
  }
  PT2_TRY(check_gradient(gradient, input, conv));
  bool last = !conv->empty && wants_channels_last(input, weight, conv->onednn);
  bool input_last = last && joins_channels_last(
                                input, conv, conv->batch,
                                conv->channels_in / conv->groups, conv->input);
  bool weight_last =
      last && joins_channels_last(weight, conv, weight->sizes[0] / conv->groups,
                                  weight->sizes[1], conv->kernel);
  set_strides(input, input_last, result.input_strides);
  set_strides(weight, weight_last, result.weight_strides);
  *out_gradients = result;
  return PT2_STATUS_OK;
}
