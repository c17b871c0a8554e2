// SPDX-License-Identifier: Apache-2.0
//
// Brings the tensors of a pooling's backward operator into the form that its
// loops take and spreads them over threads.
#include "backends/cpu/kernels/image/pool_backward.h"

#include <omp.h>
#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "ops/op.h"

// Parts of an image's channels are multiples of a cache line.
#define ALIGNED 32

static const pt2__pool_backward_kernels_t* select_kernels(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return &pt2__pool_backward_kernels_avx2;
  }
#endif
  return &pt2__pool_backward_kernels_generic;
}

static const pt2__pool_parts_t* select_parts(int32_t dtype, bool max) {
  const pt2__pool_backward_kernels_t* kernels = select_kernels();
  switch (dtype) {
    case PT2_DTYPE_F32:
      return max ? &kernels->max_f32 : &kernels->average_f32;
    case PT2_DTYPE_F64:
      return max ? &kernels->max_f64 : &kernels->average_f64;
    case PT2_DTYPE_F16:
      return max ? &kernels->max_f16 : &kernels->average_f16;
    case PT2_DTYPE_BF16:
      return max ? &kernels->max_bf16 : &kernels->average_bf16;
    case PT2_DTYPE_I64:
      return max ? NULL : &kernels->average_i64;
    default:
      return NULL;
  }
}

// Packed tensors; |indices| NULL for averages.
typedef struct {
  pt2_tensor_t* gradient;
  pt2_tensor_t* indices;
  pt2_tensor_t* result;
} operands_t;

static pt2_status_t pack(const pt2__pool_t* pool, const pt2_tensor_t* gradient,
                         const pt2_tensor_t* indices, pt2_tensor_t* result,
                         operands_t* operands) {
  int32_t dtype =
      indices == NULL ? pt2__pool_compute_dtype(result->dtype) : result->dtype;
  PT2_TRY(pt2__pool_packed_input(pool, gradient, dtype, &operands->gradient));
  if (indices != NULL) {
    PT2_TRY(pt2__pool_packed_input(pool, indices, PT2_DTYPE_I64,
                                   &operands->indices));
  }
  return pt2__pool_packed_result(pool, result, dtype, &operands->result);
}

static int64_t volume_of(const int64_t* sizes) {
  return sizes[0] * sizes[1] * sizes[2];
}

// Channels of a part where they lie side by side: all of an image's, or fewer
// so that each thread has some.
static int64_t part_channels(const pt2__pool_t* pool, int threads) {
  int64_t parts = (threads + pool->batch - 1) / pool->batch;
  int64_t channels = (pool->channels + parts - 1) / parts;
  return (channels + ALIGNED - 1) / ALIGNED * ALIGNED;
}

// How the columns of windows are added to.
static bool has_columns(const pt2__pool_t* pool) {
  bool even = !pool->adaptive || pool->input[2] % pool->output[2] == 0;
  return even && pool->kernel[2] <= pool->output[2];
}

// Bytes of small planes that are one part: what is cleared in one piece need
// not be read first.
#define RUN_BYTES (32 * 1024)

// Planes of a part; one where channels lie side by side.
static int64_t parts_of_run(const pt2__pool_t* pool, size_t bytes) {
  int64_t plane = volume_of(pool->input) * (int64_t)bytes;
  return pool->channels_last || plane >= RUN_BYTES ? 1 : RUN_BYTES / plane;
}

// The input's places of |channels| channels that lie side by side.
static void clear(const pt2__pool_t* pool, char* result, int64_t channels,
                  size_t bytes) {
  int64_t places = volume_of(pool->input);
  if (channels == pool->channels) {
    memset(result, 0, (size_t)(places * channels) * bytes);
    return;
  }
  for (int64_t i = 0; i < places; ++i) {
    memset(result + (size_t)(i * pool->channels) * bytes, 0,
           (size_t)channels * bytes);
  }
}

static bool run_parts(const pt2__pool_t* pool,
                      const pt2__pool_average_t* average,
                      const pt2__pool_parts_t* parts,
                      const operands_t* operands) {
  int threads = pt2__pool_threads(pool, operands->gradient->numel);
  int64_t in = volume_of(pool->input), out = volume_of(pool->output);
  int64_t width = pool->channels_last ? part_channels(pool, threads) : 1;
  int64_t image_parts = (pool->channels + width - 1) / width;
  int64_t count = pool->batch * image_parts;
  // From one channel to the next.
  int64_t in_step = pool->channels_last ? 1 : in;
  int64_t out_step = pool->channels_last ? 1 : out;
  size_t bytes = pt2_dtype_size_bytes(operands->result->dtype);
  const pt2_tensor_t* indices = operands->indices;
  bool columns = has_columns(pool);
  int64_t run = parts_of_run(pool, bytes);
  bool good = true;
#pragma omp parallel for schedule(static) num_threads(threads) \
    reduction(&& : good) if (threads > 1)
  for (int64_t first = 0; first < count; first += run) {
    int64_t last = first + run < count ? first + run : count;
    int64_t image = first / image_parts * pool->channels;
    int64_t channel = first % image_parts * width;
    int64_t from = image * out + channel * out_step;
    int64_t to = image * in + channel * in_step;
    int64_t left = pool->channels - channel;
    const pt2__pool_part_t part = {
        .pool = pool,
        .average = average,
        .gradient =
            (const char*)operands->gradient->data + from * (int64_t)bytes,
        .indices =
            indices == NULL ? NULL : (const int64_t*)indices->data + from,
        .result = (char*)operands->result->data + to * (int64_t)bytes,
        .count = !pool->channels_last ? last - first
                 : left < width       ? left
                                      : width,
        .columns = columns,
    };
    if (pool->channels_last) {
      clear(pool, part.result, part.count, bytes);
    } else {
      memset(part.result, 0, (size_t)((last - first) * in) * bytes);
    }
    good = (pool->channels_last ? parts->last : parts->first)(&part) && good;
  }
  return good;
}

// Names the first index that is outside.
static pt2_status_t fail_index(const pt2__pool_t* pool,
                               const pt2_tensor_t* indices) {
  int64_t in = volume_of(pool->input);
  const int64_t* values = indices->data;
  for (int64_t i = 0; i < indices->numel; ++i) {
    bool none = values[i] == -1 && !pool->adaptive;
    PT2_OP_CHECK(none || (values[i] >= 0 && values[i] < in),
                 "found an invalid max index %lld in indices: the input has "
                 "%lld places for each channel",
                 (long long)values[i], (long long)in);
  }
  return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "found an invalid max index");
}

static pt2_status_t run(const pt2__pool_t* pool, const pt2_tensor_t* gradient,
                        const pt2_tensor_t* indices,
                        const pt2__pool_average_t* average,
                        const pt2__pool_parts_t* parts, pt2_tensor_t* result) {
  operands_t operands = {0};
  pt2_status_t status = pack(pool, gradient, indices, result, &operands);
  pt2__pool_t windows = *pool;
  if (pool->adaptive) {
    windows.kernel[2] = windows.stride[2] = pool->input[2] / pool->output[2];
  }
  if (status == PT2_STATUS_OK) {
    status = run_parts(&windows, average, parts, &operands)
                 ? pt2__pool_unpack(operands.result, result)
                 : fail_index(pool, operands.indices);
  }
  pt2__tensor_release(operands.gradient);
  pt2__tensor_release(operands.indices);
  pt2__tensor_release(operands.result);
  return status;
}

pt2_status_t pt2__pool_backward(const pt2__pool_t* pool,
                                const pt2_tensor_t* gradient,
                                const pt2_tensor_t* input,
                                const pt2_tensor_t* indices,
                                const pt2__pool_average_t* average,
                                pt2_tensor_t** out_result) {
  bool max = average == NULL;
  const pt2__pool_parts_t* parts = select_parts(input->dtype, max);
  if (parts == NULL || !pt2__pool_is_supported(pool, input->dtype, max)) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "not implemented for '%s'",
                    pt2__dtype_torch_name(input->dtype));
  }
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(input->dtype, input->rank, input->sizes,
                            pool->result_strides, &result));
  pt2_status_t status =
      result->numel == 0 ? PT2_STATUS_OK
                         : run(pool, gradient, indices, average, parts, result);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}
