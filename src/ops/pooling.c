// SPDX-License-Identifier: Apache-2.0
#include "ops/pooling.h"

#include <stdio.h>
#include <string.h>

#include "ops/op.h"

// Sizes and parameters beyond this are refused, so that nothing overflows.
#define LARGEST INT32_MAX

#define TEXT_BYTES 256

// ---- Parameters ------------------------------------------------------------

static pt2_status_t expand(pt2__int_list_t list, const pt2__pool_args_t* args,
                           const char* name, const char* wanted,
                           int64_t* out_values) {
  static const char* const counts[] = {"one int", "two ints", "three ints"};
  PT2_OP_CHECK(list.count == 1 || list.count == args->spatial,
               "%s: %s must %s a single int, or a tuple of %s", args->name,
               name, wanted, counts[args->spatial - 1]);
  for (int i = 0; i < args->spatial; ++i) {
    int64_t value = list.values[list.count == 1 ? 0 : i];
    PT2_OP_CHECK(value <= LARGEST && value >= -LARGEST,
                 "%s: %s of %lld is too large", args->name, name,
                 (long long)value);
    out_values[3 - args->spatial + i] = value;
  }
  return PT2_STATUS_OK;
}

static void set_ones(pt2__pool_t* pool) {
  for (int d = 0; d < 3; ++d) {
    pool->input[d] = pool->output[d] = pool->kernel[d] = 1;
    pool->stride[d] = pool->dilation[d] = 1;
  }
}

static pt2_status_t expand_all(const pt2__pool_args_t* args,
                               pt2__pool_t* pool) {
  PT2_TRY(expand(args->kernel, args, "kernel_size", "either be", pool->kernel));
  memcpy(pool->stride, pool->kernel, sizeof(pool->stride));
  if (args->stride.count != 0) {
    PT2_TRY(expand(args->stride, args, "stride", "either be omitted,",
                   pool->stride));
  }
  PT2_TRY(expand(args->padding, args, "padding", "either be", pool->padding));
  if (args->dilation.count != 0) {
    PT2_TRY(
        expand(args->dilation, args, "dilation", "be either", pool->dilation));
  }
  return PT2_STATUS_OK;
}

// "kT: 3 kH: 2 kW: 2" of the dimensions that are pooled over.
static const char* format_axes(int32_t spatial, const char* name,
                               const int64_t* values, char* text) {
  size_t used = 0;
  for (int d = 3 - spatial; d < 3; ++d) {
    used += (size_t)snprintf(text + used, TEXT_BYTES - used, "%s%s%c: %lld",
                             d > 3 - spatial ? " " : "", name, "THW"[d],
                             (long long)values[d]);
  }
  return text;
}

// "(2x8x8)": channels and the places of each dimension.
static const char* format_volume(const pt2__pool_t* pool, const int64_t* sizes,
                                 char* text) {
  size_t used =
      (size_t)snprintf(text, TEXT_BYTES, "(%lld", (long long)pool->channels);
  for (int d = 3 - pool->spatial; d < 3; ++d) {
    used += (size_t)snprintf(text + used, TEXT_BYTES - used, "x%lld",
                             (long long)sizes[d]);
  }
  snprintf(text + used, TEXT_BYTES - used, ")");
  return text;
}

static pt2_status_t check_positive(const pt2__pool_t* pool,
                                   const int64_t* values, const char* what,
                                   const char* name) {
  char text[TEXT_BYTES];
  PT2_OP_CHECK(values[0] > 0 && values[1] > 0 && values[2] > 0,
               "%s should be greater than zero, but got %s", what,
               format_axes(pool->spatial, name, values, text));
  return PT2_STATUS_OK;
}

// ---- Sizes -----------------------------------------------------------------

static int64_t floor_divide(int64_t a, int64_t b) {
  int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

static pt2_status_t output_size(const pt2__pool_args_t* args, int d,
                                pt2__pool_t* pool) {
  int64_t stride = pool->stride[d], padding = pool->padding[d];
  int64_t reach = (pool->kernel[d] - 1) * pool->dilation[d];
  PT2_OP_CHECK(stride != 0, "stride should not be zero");
  PT2_OP_CHECK(padding >= 0, "pad must be non-negative, but got pad: %lld",
               (long long)padding);
  PT2_OP_CHECK(padding <= (reach + 1) / 2,
               "pad should be at most half of effective kernel size, but got "
               "pad=%lld, kernel_size=%lld and dilation=%lld",
               (long long)padding, (long long)pool->kernel[d],
               (long long)pool->dilation[d]);
  int64_t space = pool->input[d] + 2 * padding - reach - 1;
  pool->output[d] =
      floor_divide(space + (args->ceil_mode ? stride - 1 : 0), stride) + 1;
  // The last window must begin inside of the input or its padding.
  if (args->ceil_mode &&
      (pool->output[d] - 1) * stride >= pool->input[d] + padding) {
    pool->output[d]--;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t take_sizes(const pt2_tensor_t* input, int32_t spatial,
                               pt2__pool_t* pool) {
  int32_t first = input->rank - spatial;
  pool->spatial = spatial;
  pool->rank = input->rank;
  pool->batch = first == 2 ? input->sizes[0] : 1;
  pool->channels = input->sizes[first - 1];
  int64_t places = 1;
  for (int i = 0; i < spatial; ++i) {
    int64_t size = input->sizes[first + i];
    PT2_OP_CHECK(size <= LARGEST && (places == 0 || size <= LARGEST / places),
                 "an input with %lld places in dimension %d is too large",
                 (long long)size, (int)(first + i));
    pool->input[3 - spatial + i] = size;
    places *= size;
  }
  return PT2_STATUS_OK;
}

// ---- Layouts ---------------------------------------------------------------

static bool is_channels_last(const pt2_tensor_t* tensor) {
  return pt2__tensor_suggest_memory_format(tensor) !=
         PT2_MEMORY_FORMAT_CONTIGUOUS;
}

// PyTorch looks at a volume without a batch as if it had one of size one.
static bool is_volume_channels_last(const pt2_tensor_t* volume) {
  int64_t sizes[5] = {1}, strides[5] = {volume->numel};
  memcpy(sizes + 1, volume->sizes, 4 * sizeof(int64_t));
  memcpy(strides + 1, volume->strides, 4 * sizeof(int64_t));
  const pt2_tensor_t view = {
      .rank = 5, .numel = volume->numel, .sizes = sizes, .strides = strides};
  return !pt2__tensor_is_contiguous(&view) &&
         pt2__tensor_is_channels_last(&view);
}

static void set_out_sizes(pt2__pool_t* pool) {
  int at = 0;
  if (pool->rank == pool->spatial + 2) {
    pool->out_sizes[at++] = pool->batch;
  }
  pool->out_sizes[at++] = pool->channels;
  for (int d = 3 - pool->spatial; d < 3; ++d) {
    pool->out_sizes[at++] = pool->output[d];
  }
}

// Strides of a result of |sizes|.
static void set_strides(const int64_t* sizes, bool channels_last,
                        pt2__pool_t* pool) {
  if (!channels_last) {
    pt2__sizes_contiguous_strides(pool->rank, sizes, pool->result_strides);
  } else if (pool->rank == pool->spatial + 2) {
    pt2__sizes_channels_last_strides(pool->rank, sizes, pool->result_strides);
  } else {
    int64_t batched[5] = {1}, strides[5];
    memcpy(batched + 1, sizes, (size_t)pool->rank * sizeof(int64_t));
    pt2__sizes_channels_last_strides(pool->rank + 1, batched, strides);
    memcpy(pool->result_strides, strides + 1,
           (size_t)pool->rank * sizeof(int64_t));
  }
}

// The layout of what is pooled, and that of the result of a pooling or, with
// the pooled tensor's |gradient|, of its backward operator.
static pt2_status_t set_layout(const pt2_tensor_t* input,
                               const pt2_tensor_t* gradient, bool row_major,
                               pt2__pool_t* pool) {
  const int64_t* sizes = gradient == NULL ? pool->out_sizes : input->sizes;
  if (pool->rank == pool->spatial + 2) {
    pool->channels_last = is_channels_last(input);
  } else if (pool->spatial == 3 && !row_major) {
    PT2_OP_CHECK(!is_channels_last(input),
                 "Unsupported memory format. Supports only ChannelsLast3d, "
                 "Contiguous");
    pool->channels_last =
        is_volume_channels_last(gradient == NULL ? input : gradient);
  }
  set_strides(sizes, pool->channels_last && !row_major, pool);
  if (gradient != NULL) {
    pool->channels_last = pool->channels_last && !row_major;
  }
  return PT2_STATUS_OK;
}

// ---- Poolings --------------------------------------------------------------

static pt2_status_t check_rank(const pt2_tensor_t* input, int32_t spatial,
                               const char* name) {
  char text[TEXT_BYTES];
  PT2_OP_CHECK(
      input->rank == spatial + 1 || input->rank == spatial + 2,
      "%s(): non-empty %dD or %dD (batch mode) tensor expected for input, "
      "but got:%s",
      name, (int)spatial + 1, (int)spatial + 2,
      pt2__sizes_format(input->rank, input->sizes, text, sizeof(text)));
  return PT2_STATUS_OK;
}

static pt2_status_t check_input(const pt2_tensor_t* input,
                                const pt2__pool_args_t* args,
                                const pt2__pool_t* pool) {
  char text[TEXT_BYTES], more[TEXT_BYTES];
  PT2_OP_CHECK(
      pool->channels > 0 && pool->input[0] > 0 && pool->input[1] > 0 &&
          pool->input[2] > 0,
      "Expected %dD or %dD (batch mode) tensor with optional 0 dim batch size "
      "for input, but got:%s",
      (int)pool->spatial + 1, (int)pool->spatial + 2,
      pt2__sizes_format(input->rank, input->sizes, text, sizeof(text)));
  for (int d = 3 - pool->spatial; args->kernel_fits && d < 3; ++d) {
    PT2_OP_CHECK(pool->input[d] >= pool->kernel[d],
                 "input image (%s) smaller than kernel size (%s)",
                 format_axes(pool->spatial, "", pool->input, text),
                 format_axes(pool->spatial, "k", pool->kernel, more));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_windows(const pt2__pool_t* pool) {
  char text[TEXT_BYTES], more[TEXT_BYTES];
  for (int d = 0; d < 3; ++d) {
    PT2_OP_CHECK(pool->padding[d] <= pool->kernel[d] / 2,
                 "pad should be smaller than or equal to half of kernel size, "
                 "but got %s, %s",
                 format_axes(pool->spatial, "pad", pool->padding, text),
                 format_axes(pool->spatial, "k", pool->kernel, more));
  }
  PT2_OP_CHECK(
      pool->kernel[0] <= INT64_MAX / (pool->kernel[1] * pool->kernel[2]),
      "windows of %s are too large",
      format_axes(pool->spatial, "k", pool->kernel, text));
  PT2_OP_CHECK(
      pool->output[0] >= 1 && pool->output[1] >= 1 && pool->output[2] >= 1,
      "Given input size: %s. Calculated output size: %s. Output size is too "
      "small",
      format_volume(pool, pool->input, text),
      format_volume(pool, pool->output, more));
  return PT2_STATUS_OK;
}

// What was pooled is as large as its |gradient|.
static pt2_status_t take_output(const pt2_tensor_t* gradient,
                                pt2__pool_t* pool) {
  for (int i = 0; i < pool->spatial; ++i) {
    int64_t size = gradient->sizes[gradient->rank - pool->spatial + i];
    PT2_OP_CHECK(size <= LARGEST, "a grad_output of %lld places is too large",
                 (long long)size);
    pool->output[3 - pool->spatial + i] = size;
  }
  return PT2_STATUS_OK;
}

// All but the layout. With a |gradient| the sizes are its own, otherwise they
// follow from the parameters.
static pt2_status_t resolve(const pt2_tensor_t* input,
                            const pt2__pool_args_t* args,
                            const pt2_tensor_t* gradient, pt2__pool_t* pool) {
  PT2_OP_CHECK_TENSOR(input, "input");
  set_ones(pool);
  PT2_TRY(expand_all(args, pool));
  PT2_TRY(check_rank(input, args->spatial, args->name));
  PT2_TRY(take_sizes(input, args->spatial, pool));
  for (int d = 3 - args->spatial; d < 3; ++d) {
    PT2_TRY(output_size(args, d, pool));
  }
  if (gradient != NULL) {
    PT2_TRY(take_output(gradient, pool));
  }
  PT2_TRY(check_positive(pool, pool->kernel, "kernel size", "k"));
  PT2_TRY(check_positive(pool, pool->stride, "stride", "d"));
  PT2_TRY(check_positive(pool, pool->dilation, "dilation", "dilation"));
  PT2_TRY(check_input(input, args, pool));
  PT2_TRY(check_windows(pool));
  set_out_sizes(pool);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__pool_resolve(const pt2_tensor_t* input,
                               const pt2__pool_args_t* args,
                               pt2__pool_t* out_pool) {
  pt2__pool_t pool = {0};
  PT2_TRY(resolve(input, args, NULL, &pool));
  PT2_TRY(set_layout(input, NULL, args->row_major, &pool));
  *out_pool = pool;
  return PT2_STATUS_OK;
}

static pt2_status_t resolve_adaptive(const pt2_tensor_t* input,
                                     const pt2__pool_adaptive_args_t* args,
                                     pt2__pool_t* pool) {
  char text[TEXT_BYTES];
  pt2__sizes_format(input->rank, input->sizes, text, sizeof(text));
  PT2_OP_CHECK(
      input->rank == args->spatial + 1 || input->rank == args->spatial + 2,
      "%s(): Expected %dD or %dD tensor, but got %s", args->name,
      (int)args->spatial + 1, (int)args->spatial + 2, text);
  set_ones(pool);
  pool->adaptive = true;
  PT2_TRY(take_sizes(input, args->spatial, pool));
  int first = args->no_channels ? input->rank - args->spatial : 1;
  for (int d = first; d < input->rank; ++d) {
    PT2_OP_CHECK(input->sizes[d] > 0,
                 "%s(): Expected input to have non-zero size for non-batch "
                 "dimensions, but input has sizes %s with dimension %d being "
                 "empty",
                 args->name, text, d);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__pool_resolve_adaptive(const pt2_tensor_t* input,
                                        const pt2__pool_adaptive_args_t* args,
                                        pt2__int_list_t output_size,
                                        pt2__pool_t* out_pool) {
  PT2_OP_CHECK_TENSOR(input, "input");
  pt2__pool_t pool = {0};
  PT2_OP_CHECK(output_size.count == args->spatial, "%s: output_size must be %d",
               args->name, (int)args->spatial);
  PT2_TRY(resolve_adaptive(input, args, &pool));
  char text[TEXT_BYTES];
  pt2__sizes_format(args->spatial, output_size.values, text, sizeof(text));
  for (int i = 0; i < args->spatial; ++i) {
    int64_t size = output_size.values[i];
    PT2_OP_CHECK(size >= 0 && size <= LARGEST,
                 "%s: elements of output_size must be greater than or equal to "
                 "0 but received %s",
                 args->name, text);
    pool.output[3 - args->spatial + i] = size;
  }
  set_out_sizes(&pool);
  PT2_TRY(set_layout(input, NULL, args->row_major, &pool));
  *out_pool = pool;
  return PT2_STATUS_OK;
}

// ---- Backward --------------------------------------------------------------

static pt2_status_t check_gradient_dtype(const pt2_tensor_t* gradient,
                                         const pt2_tensor_t* input) {
  PT2_OP_CHECK_TENSOR(gradient, "grad_output");
  PT2_OP_CHECK_TENSOR(input, "input");
  PT2_OP_CHECK(gradient->dtype == input->dtype,
               "expected dtype %s for `grad_output` but got dtype %s",
               pt2__dtype_torch_name(input->dtype),
               pt2__dtype_torch_name(gradient->dtype));
  return PT2_STATUS_OK;
}

static pt2_status_t check_sizes(const pt2_tensor_t* tensor, const char* name,
                                const pt2__pool_t* pool) {
  char text[TEXT_BYTES], more[TEXT_BYTES];
  bool same = tensor->rank == pool->rank &&
              memcmp(tensor->sizes, pool->out_sizes,
                     (size_t)pool->rank * sizeof(int64_t)) == 0;
  PT2_OP_CHECK(
      same, "expected sizes %s for `%s` but got sizes %s",
      pt2__sizes_format(pool->rank, pool->out_sizes, text, sizeof(text)), name,
      pt2__sizes_format(tensor->rank, tensor->sizes, more, sizeof(more)));
  return PT2_STATUS_OK;
}

static pt2_status_t check_indices(const pt2_tensor_t* const* indices,
                                  const pt2__pool_t* pool) {
  if (indices == NULL) {
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK_TENSOR(*indices, "indices");
  PT2_OP_CHECK((*indices)->dtype == PT2_DTYPE_I64,
               "expected scalar type Long for `indices` but found %s",
               pt2__dtype_torch_name((*indices)->dtype));
  return check_sizes(*indices, "indices", pool);
}

pt2_status_t pt2__pool_resolve_backward(const pt2_tensor_t* gradient,
                                        const pt2_tensor_t* input,
                                        const pt2_tensor_t* const* indices,
                                        const pt2__pool_args_t* args,
                                        pt2__pool_t* out_pool) {
  PT2_TRY(check_gradient_dtype(gradient, input));
  // max_pool3d takes the gradient's sizes for what they are.
  bool as_given = indices != NULL && args->spatial == 3 && gradient->rank >= 4;
  pt2__pool_t pool = {0};
  PT2_TRY(resolve(input, args, as_given ? gradient : NULL, &pool));
  PT2_TRY(check_sizes(gradient, "grad_output", &pool));
  PT2_TRY(check_indices(indices, &pool));
  PT2_TRY(set_layout(input, gradient, args->row_major, &pool));
  *out_pool = pool;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__pool_resolve_adaptive_backward(
    const pt2_tensor_t* gradient, const pt2_tensor_t* input,
    const pt2_tensor_t* const* indices, const pt2__pool_adaptive_args_t* args,
    pt2__pool_t* out_pool) {
  PT2_TRY(check_gradient_dtype(gradient, input));
  PT2_OP_CHECK(gradient->rank == args->spatial + 1 ||
                   gradient->rank == args->spatial + 2,
               "%s(): Expected %dD or %dD grad_output, but got a rank of %d",
               args->name, (int)args->spatial + 1, (int)args->spatial + 2,
               (int)gradient->rank);
  PT2_OP_CHECK(gradient->rank == input->rank,
               "%s(): Expected dimensions %d for `grad_output` but got "
               "dimensions %d",
               args->name, (int)input->rank, (int)gradient->rank);
  pt2__pool_t pool = {0};
  PT2_TRY(resolve_adaptive(input, args, &pool));
  char text[TEXT_BYTES];
  for (int d = 1; d < gradient->rank; ++d) {
    PT2_OP_CHECK(
        gradient->sizes[d] > 0,
        "%s(): Expected grad_output to have non-zero size for "
        "non-batch dimensions, but grad_output has sizes %s with "
        "dimension %d being empty",
        args->name,
        pt2__sizes_format(gradient->rank, gradient->sizes, text, sizeof(text)),
        d);
  }
  PT2_TRY(take_output(gradient, &pool));
  set_out_sizes(&pool);
  PT2_TRY(check_sizes(gradient, "grad_output", &pool));
  PT2_TRY(check_indices(indices, &pool));
  PT2_TRY(set_layout(input, gradient, args->row_major, &pool));
  *out_pool = pool;
  return PT2_STATUS_OK;
}
