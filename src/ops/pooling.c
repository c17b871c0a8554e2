// SPDX-License-Identifier: Apache-2.0
#include "ops/pooling.h"

#include "ops/op.h"

// Sizes and parameters beyond this are refused, so that nothing overflows.
#define LARGEST INT32_MAX

static pt2_status_t expand(pt2__int_list_t list, const char* operator_name,
                           const char* name, const char* wanted,
                           int64_t* out_pair) {
  PT2_OP_CHECK(list.count == 1 || list.count == 2, "%s: %s must %s",
               operator_name, name, wanted);
  for (int i = 0; i < 2; ++i) {
    out_pair[i] = list.values[list.count == 1 ? 0 : i];
    PT2_OP_CHECK(out_pair[i] <= LARGEST && out_pair[i] >= -LARGEST,
                 "%s: %s of %lld is too large", operator_name, name,
                 (long long)out_pair[i]);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t expand_all(const pt2__pool_args_t* args,
                               pt2__pool_t* pool) {
  static const char either[] = "either be a single int, or a tuple of two ints";
  PT2_TRY(
      expand(args->kernel, args->name, "kernel_size", either, pool->kernel));
  pool->stride[0] = pool->kernel[0];
  pool->stride[1] = pool->kernel[1];
  if (args->stride.count != 0) {
    PT2_TRY(expand(args->stride, args->name, "stride",
                   "either be omitted, a single int, or a tuple of two ints",
                   pool->stride));
  }
  PT2_TRY(expand(args->padding, args->name, "padding", either, pool->padding));
  pool->dilation[0] = pool->dilation[1] = 1;
  if (args->dilation.count != 0) {
    PT2_TRY(expand(args->dilation, args->name, "dilation",
                   "be either a single int, or a tuple of two ints",
                   pool->dilation));
  }
  return PT2_STATUS_OK;
}

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

static pt2_status_t check_positive(const int64_t* pair, const char* what,
                                   const char* name) {
  PT2_OP_CHECK(pair[0] > 0 && pair[1] > 0,
               "%s should be greater than zero, but got %sH: %lld %sW: %lld",
               what, name, (long long)pair[0], name, (long long)pair[1]);
  return PT2_STATUS_OK;
}

static void set_layout(const pt2_tensor_t* input, pt2__pool_t* pool) {
  int at = 0;
  if (pool->rank == 4) {
    pool->out_sizes[at++] = pool->batch;
  }
  pool->out_sizes[at++] = pool->channels;
  pool->out_sizes[at++] = pool->output[0];
  pool->out_sizes[at] = pool->output[1];
  pool->channels_last =
      pt2__tensor_suggest_memory_format(input) != PT2_MEMORY_FORMAT_CONTIGUOUS;
  if (pool->channels_last) {
    pt2__sizes_channels_last_strides(4, pool->out_sizes, pool->out_strides);
  } else {
    pt2__sizes_contiguous_strides(pool->rank, pool->out_sizes,
                                  pool->out_strides);
  }
}

static pt2_status_t take_sizes(const pt2_tensor_t* input, pt2__pool_t* pool) {
  pool->rank = input->rank;
  const int64_t* sizes = input->sizes + (input->rank - 3);
  pool->batch = input->rank == 4 ? input->sizes[0] : 1;
  pool->channels = sizes[0];
  for (int i = 0; i < 2; ++i) {
    pool->input[i] = sizes[1 + i];
  }
  PT2_OP_CHECK(
      pool->input[0] <= LARGEST && pool->input[1] <= LARGEST &&
          (pool->input[0] == 0 || pool->input[1] <= LARGEST / pool->input[0]),
      "an input of %lld x %lld is too large", (long long)pool->input[0],
      (long long)pool->input[1]);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__pool_resolve(const pt2_tensor_t* input,
                               const pt2__pool_args_t* args,
                               pt2__pool_t* out_pool) {
  PT2_OP_CHECK_TENSOR(input, "input");
  pt2__pool_t pool = {0};
  PT2_TRY(expand_all(args, &pool));
  char text[256];
  pt2__sizes_format(input->rank, input->sizes, text, sizeof(text));
  PT2_OP_CHECK(input->rank == 3 || input->rank == 4,
               "non-empty 3D or 4D (batch mode) tensor expected for input, "
               "but got:%s",
               text);
  PT2_TRY(take_sizes(input, &pool));
  for (int d = 0; d < 2; ++d) {
    PT2_TRY(output_size(args, d, &pool));
  }
  PT2_TRY(check_positive(pool.kernel, "kernel size", "k"));
  PT2_TRY(check_positive(pool.stride, "stride", "d"));
  PT2_TRY(check_positive(pool.dilation, "dilation", "dilation"));
  PT2_OP_CHECK(pool.channels > 0 && pool.input[0] > 0 && pool.input[1] > 0,
               "Expected 3D or 4D (batch mode) tensor with optional 0 dim "
               "batch size for input, but got:%s",
               text);
  PT2_OP_CHECK(pool.padding[0] <= pool.kernel[0] / 2 &&
                   pool.padding[1] <= pool.kernel[1] / 2,
               "pad should be smaller than or equal to half of kernel size, "
               "but got padW = %lld, padH = %lld, kW = %lld, kH = %lld",
               (long long)pool.padding[1], (long long)pool.padding[0],
               (long long)pool.kernel[1], (long long)pool.kernel[0]);
  PT2_OP_CHECK(pool.output[0] >= 1 && pool.output[1] >= 1,
               "Given input size: (%lldx%lldx%lld). Calculated output size: "
               "(%lldx%lldx%lld). Output size is too small",
               (long long)pool.channels, (long long)pool.input[0],
               (long long)pool.input[1], (long long)pool.channels,
               (long long)pool.output[0], (long long)pool.output[1]);
  set_layout(input, &pool);
  *out_pool = pool;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__pool_resolve_adaptive(const pt2_tensor_t* input,
                                        pt2__int_list_t output_size,
                                        pt2__pool_t* out_pool) {
  PT2_OP_CHECK_TENSOR(input, "input");
  pt2__pool_t pool = {0};
  char text[256];
  pt2__sizes_format(input->rank, input->sizes, text, sizeof(text));
  PT2_OP_CHECK(output_size.count == 2,
               "adaptive_avg_pool2d: output_size must be 2");
  PT2_OP_CHECK(input->rank == 3 || input->rank == 4,
               "adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got %s",
               text);
  PT2_TRY(take_sizes(input, &pool));
  for (int d = 0; d < 2; ++d) {
    PT2_OP_CHECK(pool.input[d] > 0,
                 "adaptive_avg_pool2d(): Expected input to have non-zero size "
                 "for non-batch dimensions, but input has sizes %s with "
                 "dimension %d being empty",
                 text, input->rank - 2 + d);
    pool.output[d] = output_size.values[d];
    PT2_OP_CHECK(pool.output[d] >= 0 && pool.output[d] <= LARGEST,
                 "adaptive_avg_pool2d: elements of output_size must be "
                 "greater than or equal to 0 but received {%lld, %lld}",
                 (long long)output_size.values[0],
                 (long long)output_size.values[1]);
  }
  set_layout(input, &pool);
  *out_pool = pool;
  return PT2_STATUS_OK;
}
