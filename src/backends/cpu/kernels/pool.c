// SPDX-License-Identifier: Apache-2.0
//
// Brings a pooling's tensors into the form that its rows take and spreads the
// rows over threads.
#include "backends/cpu/kernels/pool.h"

#include <omp.h>
#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "ops/op.h"

static const pt2__pool_kernels_t* select_kernels(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return &pt2__pool_kernels_avx2;
  }
#endif
  return &pt2__pool_kernels_generic;
}

// 16-bit floats are pooled as floats, which changes no maximum.
static int32_t compute_dtype(int32_t dtype) {
  return dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16 ? PT2_DTYPE_F32
                                                           : dtype;
}

static const pt2__pool_rows_t* select_rows(int32_t dtype, bool max) {
  const pt2__pool_kernels_t* kernels = select_kernels();
  switch (dtype) {
    case PT2_DTYPE_F32:
      return max ? &kernels->max_f32 : &kernels->average_f32;
    case PT2_DTYPE_F64:
      return max ? &kernels->max_f64 : &kernels->average_f64;
    case PT2_DTYPE_I64:
      return max ? &kernels->max_i64 : &kernels->average_i64;
    case PT2_DTYPE_I32:
      return max ? &kernels->max_i32 : NULL;
    case PT2_DTYPE_I16:
      return max ? &kernels->max_i16 : NULL;
    case PT2_DTYPE_I8:
      return max ? &kernels->max_i8 : NULL;
    case PT2_DTYPE_U8:
      return max ? &kernels->max_u8 : NULL;
    default:
      return NULL;
  }
}

// The input in |dtype| with channels or columns side by side.
static pt2_status_t prepare(const pt2__pool_t* pool, const pt2_tensor_t* input,
                            int32_t dtype, pt2_tensor_t** out_input) {
  int64_t along = pool->channels_last ? 1 : input->rank - 1;
  if (input->dtype == dtype &&
      (input->strides[along] == 1 || input->sizes[along] == 1)) {
    return pt2__tensor_alias(input, out_input);
  }
  int64_t strides[4];
  if (pool->channels_last) {
    pt2__sizes_channels_last_strides(4, input->sizes, strides);
  } else {
    pt2__sizes_contiguous_strides(input->rank, input->sizes, strides);
  }
  pt2_tensor_t* copy = NULL;
  PT2_TRY(pt2__tensor_empty(dtype, input->rank, input->sizes, strides, &copy));
  pt2_status_t status = pt2__tensor_copy(copy, input);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(copy);
    return status;
  }
  *out_input = copy;
  return PT2_STATUS_OK;
}

// Work of one result, for the choice of threads.
static int64_t window_work(const pt2__pool_t* pool, bool adaptive) {
  if (!adaptive) {
    int64_t work = pool->kernel[0] * pool->kernel[1];
    int64_t most = pool->input[0] * pool->input[1];
    return work < most ? work : most;
  }
  return (pool->input[0] / pool->output[0] + 1) *
         (pool->input[1] / pool->output[1] + 1);
}

static void run_rows(const pt2__pool_t* pool, const pt2_tensor_t* input,
                     const pt2__pool_average_t* average,
                     const pt2__pool_rows_t* rows, pt2_tensor_t* output,
                     pt2_tensor_t* indices) {
  int64_t planes = pool->channels_last ? 1 : pool->channels;
  int64_t width = pool->channels_last ? pool->channels : 1;
  int64_t row_elements = pool->output[1] * width;
  int64_t lines = pool->batch * planes * pool->output[0];
  const int64_t* strides = input->strides + (input->rank - 3);
  int64_t image_stride = input->rank == 4 ? input->strides[0] : 0;
  size_t bytes = pt2_dtype_size_bytes(output->dtype);
  int64_t work = lines * row_elements;
  int64_t each = window_work(pool, average != NULL && average->adaptive);
  int threads =
      pt2__op_threads(work > INT64_MAX / each ? INT64_MAX : work * each);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t line = 0; line < lines; ++line) {
    int64_t plane = line / pool->output[0];
    int64_t from = plane / planes * image_stride + plane % planes * strides[0];
    pt2__pool_row_t row = {
        .pool = pool,
        .average = average,
        .input = (const char*)input->data + from * (int64_t)bytes,
        .row_stride = strides[1],
        .column_stride = strides[2],
        .row = line % pool->output[0],
        .output = (char*)output->data + line * row_elements * (int64_t)bytes,
        .indices = indices == NULL
                       ? NULL
                       : (int64_t*)indices->data + line * row_elements};
    (pool->channels_last ? rows->last : rows->first)(&row);
  }
}

pt2_status_t pt2__pool_run(const pt2__pool_t* pool, const pt2_tensor_t* input,
                           const pt2__pool_average_t* average,
                           pt2_tensor_t* output, pt2_tensor_t* indices) {
  int32_t dtype = compute_dtype(input->dtype);
  const pt2__pool_rows_t* rows = select_rows(dtype, average == NULL);
  bool integral_share =
      average != NULL && average->adaptive && dtype == PT2_DTYPE_I64;
  if (rows == NULL || integral_share) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "not implemented for '%s'",
                    pt2__dtype_torch_name(input->dtype));
  }
  if (output->numel == 0) {
    return PT2_STATUS_OK;
  }
  pt2_tensor_t* prepared = NULL;
  pt2_tensor_t* result = NULL;
  PT2_TRY(prepare(pool, input, dtype, &prepared));
  pt2_status_t status =
      dtype == output->dtype
          ? pt2__tensor_alias(output, &result)
          : pt2__tensor_empty(dtype, output->rank, output->sizes,
                              output->strides, &result);
  if (status == PT2_STATUS_OK) {
    run_rows(pool, prepared, average, rows, result, indices);
    if (dtype != output->dtype) {
      status = pt2__tensor_copy(output, result);
    }
  }
  pt2__tensor_release(prepared);
  pt2__tensor_release(result);
  return status;
}
