// SPDX-License-Identifier: Apache-2.0
//
// Brings a pooling's tensors into the form that its rows take and spreads the
// rows over threads.
#include "backends/cpu/kernels/image/pool.h"

#include <omp.h>
#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "ops/op.h"

// Even shares up to this wide are pooled as windows of a fixed size.
#define WIDEST_WINDOW 8

static const pt2__pool_kernels_t* select_kernels(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return &pt2__pool_kernels_avx2;
  }
#endif
  return &pt2__pool_kernels_generic;
}

int32_t pt2__pool_compute_dtype(int32_t dtype) {
  return dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16 ? PT2_DTYPE_F32
                                                           : dtype;
}

static const pt2__pool_rows_t* select_max(int32_t dtype) {
  const pt2__pool_kernels_t* kernels = select_kernels();
  switch (dtype) {
    case PT2_DTYPE_F32:
    case PT2_DTYPE_F16:
    case PT2_DTYPE_BF16:
      return &kernels->max_f32;
    case PT2_DTYPE_F64:
      return &kernels->max_f64;
    case PT2_DTYPE_I64:
      return &kernels->max_i64;
    case PT2_DTYPE_I32:
      return &kernels->max_i32;
    case PT2_DTYPE_I16:
      return &kernels->max_i16;
    case PT2_DTYPE_I8:
      return &kernels->max_i8;
    case PT2_DTYPE_U8:
      return &kernels->max_u8;
    default:
      return NULL;
  }
}

static const pt2__pool_rows_t* select_average(int32_t dtype, bool stepwise) {
  const pt2__pool_kernels_t* kernels = select_kernels();
  switch (dtype) {
    case PT2_DTYPE_F32:
      return &kernels->average_f32;
    case PT2_DTYPE_F16:
      return stepwise ? &kernels->average_f16 : &kernels->average_f32;
    case PT2_DTYPE_BF16:
      return stepwise ? &kernels->average_bf16 : &kernels->average_f32;
    case PT2_DTYPE_F64:
      return &kernels->average_f64;
    case PT2_DTYPE_I64:
      return &kernels->average_i64;
    default:
      return NULL;
  }
}

bool pt2__pool_is_supported(const pt2__pool_t* pool, int32_t dtype, bool max) {
  if (pool->adaptive) {
    return pt2__dtype_is_floating(dtype);
  }
  return max || pool->spatial < 3 || pt2__pool_compute_dtype(dtype) == dtype;
}

// Strides of a tensor like |like| with channels or columns side by side.
static void layout_strides(const pt2__pool_t* pool, const pt2_tensor_t* like,
                           int64_t* strides) {
  if (!pool->channels_last) {
    pt2__sizes_contiguous_strides(like->rank, like->sizes, strides);
    return;
  }
  int channel = like->rank - 1 - pool->spatial;
  int64_t next = 1;
  strides[channel] = next;
  next *= like->sizes[channel];
  for (int d = like->rank - 1; d > channel; --d) {
    strides[d] = next;
    next *= like->sizes[d];
  }
  if (channel == 1) {
    strides[0] = next;
  }
}

static bool is_packed(const pt2_tensor_t* tensor, int32_t dtype,
                      const int64_t* strides) {
  bool same = tensor->dtype == dtype;
  for (int d = 0; d < tensor->rank; ++d) {
    same = same && (tensor->sizes[d] == 1 || tensor->strides[d] == strides[d]);
  }
  return same;
}

pt2_status_t pt2__pool_packed_result(const pt2__pool_t* pool,
                                     pt2_tensor_t* output, int32_t dtype,
                                     pt2_tensor_t** out_packed) {
  int64_t strides[5];
  layout_strides(pool, output, strides);
  return is_packed(output, dtype, strides)
             ? pt2__tensor_alias(output, out_packed)
             : pt2__tensor_empty(dtype, output->rank, output->sizes, strides,
                                 out_packed);
}

pt2_status_t pt2__pool_packed_input(const pt2__pool_t* pool,
                                    const pt2_tensor_t* input, int32_t dtype,
                                    pt2_tensor_t** out_packed) {
  int64_t strides[5];
  layout_strides(pool, input, strides);
  if (is_packed(input, dtype, strides)) {
    return pt2__tensor_alias(input, out_packed);
  }
  pt2_tensor_t* copy = NULL;
  PT2_TRY(pt2__tensor_empty(dtype, input->rank, input->sizes, strides, &copy));
  pt2_status_t status = pt2__tensor_copy(copy, input);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(copy);
    return status;
  }
  *out_packed = copy;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__pool_unpack(const pt2_tensor_t* packed,
                              pt2_tensor_t* output) {
  return packed->data == output->data ? PT2_STATUS_OK
                                      : pt2__tensor_copy(output, packed);
}

// Rows need the channels or the columns side by side, no more.
static pt2_status_t prepare(const pt2__pool_t* pool, const pt2_tensor_t* input,
                            int32_t dtype, pt2_tensor_t** out_input) {
  int64_t along =
      pool->channels_last ? input->rank - 1 - pool->spatial : input->rank - 1;
  if (input->dtype == dtype &&
      (input->strides[along] == 1 || input->sizes[along] == 1)) {
    return pt2__tensor_alias(input, out_input);
  }
  return pt2__pool_packed_input(pool, input, dtype, out_input);
}

int pt2__pool_threads(const pt2__pool_t* pool, int64_t results) {
  int64_t work = 1;
  for (int d = 0; d < 3; ++d) {
    int64_t width =
        pool->adaptive ? pool->input[d] / pool->output[d] + 1 : pool->kernel[d];
    work *= width < pool->input[d] ? width : pool->input[d];
  }
  return pt2__op_threads(results > INT64_MAX / work ? INT64_MAX
                                                    : results * work);
}

static void run_rows(const pt2__pool_t* pool, const pt2_tensor_t* input,
                     const pt2__pool_average_t* average,
                     const pt2__pool_rows_t* rows, pt2_tensor_t* output,
                     pt2_tensor_t* indices) {
  int64_t volumes = pool->channels_last ? 1 : pool->channels;
  int64_t width = pool->channels_last ? pool->channels : 1;
  int64_t row_elements = pool->output[2] * width;
  int64_t volume_rows = pool->output[0] * pool->output[1];
  int64_t lines = pool->batch * volumes * volume_rows;
  const int64_t* strides = input->strides + (input->rank - 1);
  int64_t channel_stride = strides[-pool->spatial];
  int64_t image_stride =
      input->rank == pool->spatial + 2 ? input->strides[0] : 0;
  size_t bytes = pt2_dtype_size_bytes(output->dtype);
  int threads = pt2__pool_threads(pool, output->numel);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t line = 0; line < lines; ++line) {
    int64_t volume = line / volume_rows, at = line % volume_rows;
    int64_t from =
        volume / volumes * image_stride + volume % volumes * channel_stride;
    pt2__pool_row_t row = {
        .pool = pool,
        .average = average,
        .input = (const char*)input->data + from * (int64_t)bytes,
        .plane_stride = pool->spatial > 2 ? strides[-2] : 0,
        .row_stride = pool->spatial > 1 ? strides[-1] : 0,
        .column_stride = strides[0],
        .plane = at / pool->output[1],
        .row = at % pool->output[1],
        .output = (char*)output->data + line * row_elements * (int64_t)bytes,
        .indices = indices == NULL
                       ? NULL
                       : (int64_t*)indices->data + line * row_elements};
    (pool->channels_last ? rows->last : rows->first)(&row);
  }
}

// The same maxima or averages with windows of one size, whose columns are
// looked at side by side, where that is faster.
static pt2__pool_t with_even_windows(const pt2__pool_t* pool) {
  pt2__pool_t even = *pool;
  if (pool->output[2] < PT2__POOL_FEW) {
    return even;
  }
  for (int d = 0; d < 3 && even.adaptive; ++d) {
    even.kernel[d] = even.stride[d] = pool->input[d] / pool->output[d];
    if (pool->input[d] % pool->output[d] != 0 ||
        (d == 2 && even.kernel[d] > WIDEST_WINDOW)) {
      return *pool;
    }
  }
  even.adaptive = false;
  return even;
}

static pt2_status_t run(const pt2__pool_t* pool, const pt2_tensor_t* input,
                        const pt2__pool_average_t* average,
                        const pt2__pool_rows_t* rows, pt2_tensor_t* output,
                        pt2_tensor_t* indices) {
  int32_t dtype = pt2__pool_compute_dtype(input->dtype);
  pt2_tensor_t* prepared = NULL;
  pt2_tensor_t* result = NULL;
  pt2_tensor_t* places = NULL;
  pt2_status_t status = prepare(pool, input, dtype, &prepared);
  if (status == PT2_STATUS_OK) {
    status = pt2__pool_packed_result(pool, output, dtype, &result);
  }
  if (status == PT2_STATUS_OK && indices != NULL) {
    status = pt2__pool_packed_result(pool, indices, PT2_DTYPE_I64, &places);
  }
  if (status == PT2_STATUS_OK) {
    run_rows(pool, prepared, average, rows, result, places);
    status = pt2__pool_unpack(result, output);
  }
  if (status == PT2_STATUS_OK && indices != NULL) {
    status = pt2__pool_unpack(places, indices);
  }
  pt2__tensor_release(prepared);
  pt2__tensor_release(result);
  pt2__tensor_release(places);
  return status;
}

pt2_status_t pt2__pool_run(const pt2__pool_t* pool, const pt2_tensor_t* input,
                           const pt2__pool_average_t* average,
                           pt2_tensor_t* output, pt2_tensor_t* indices) {
  const pt2__pool_rows_t* rows =
      average == NULL ? select_max(input->dtype)
                      : select_average(input->dtype, average->stepwise);
  if (rows == NULL ||
      !pt2__pool_is_supported(pool, input->dtype, average == NULL)) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "not implemented for '%s'",
                    pt2__dtype_torch_name(input->dtype));
  }
  if (output->numel == 0) {
    return PT2_STATUS_OK;
  }
  const pt2__pool_t windows = with_even_windows(pool);
  return run(&windows, input, average, rows, output, indices);
}

pt2_status_t pt2__pool_average(const pt2__pool_t* pool,
                               const pt2_tensor_t* input,
                               const pt2__pool_average_t* average,
                               pt2_tensor_t** out_result) {
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(input->dtype, pool->rank, pool->out_sizes,
                            pool->result_strides, &result));
  pt2_status_t status = pt2__pool_run(pool, input, average, result, NULL);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__pool_max(const pt2__pool_t* pool, const pt2_tensor_t* input,
                           pt2_tensor_t** out_values,
                           pt2_tensor_t** out_indices) {
  pt2_tensor_t* values = NULL;
  pt2_tensor_t* indices = NULL;
  PT2_TRY(pt2__tensor_empty(input->dtype, pool->rank, pool->out_sizes,
                            pool->result_strides, &values));
  pt2_status_t status =
      pt2__tensor_empty(PT2_DTYPE_I64, pool->rank, pool->out_sizes,
                        pool->result_strides, &indices);
  if (status == PT2_STATUS_OK) {
    status = pt2__pool_run(pool, input, NULL, values, indices);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(values);
    pt2__tensor_release(indices);
    return status;
  }
  *out_values = values;
  *out_indices = indices;
  return PT2_STATUS_OK;
}
