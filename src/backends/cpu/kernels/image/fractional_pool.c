// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/image/fractional_pool.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "backends/cpu/kernels/index/lay_out.h"
#include "ops/op.h"

// |starts| are those of depth, height and width, one after another.
#define POOL_PLANE(suffix, real)                                         \
  static void plane_##suffix(const pt2__fractional_t* pool,              \
                             const int64_t* starts, const real* from,    \
                             real* to, int64_t* indices) {               \
    const int64_t* ys = starts + pool->output[0];                        \
    const int64_t* xs = ys + pool->output[1];                            \
    int64_t height = pool->input[1], width = pool->input[2];             \
    for (int64_t t = 0; t < pool->output[0]; ++t) {                      \
      for (int64_t h = 0; h < pool->output[1]; ++h) {                    \
        for (int64_t w = 0; w < pool->output[2]; ++w) {                  \
          int64_t corner = (starts[t] * height + ys[h]) * width + xs[w]; \
          real best = (real)-INFINITY;                                   \
          int64_t place = corner;                                        \
          for (int64_t z = 0; z < pool->kernel[0]; ++z) {                \
            for (int64_t y = 0; y < pool->kernel[1]; ++y) {              \
              int64_t row = corner + (z * height + y) * width;           \
              for (int64_t x = row; x < row + pool->kernel[2]; ++x) {    \
                /* No branch: the data would decide it at random. */     \
                real value = from[x];                                    \
                bool takes = (value > best) | (value != value);          \
                best = takes ? value : best;                             \
                place = takes ? x : place;                               \
              }                                                          \
            }                                                            \
          }                                                              \
          *to++ = best;                                                  \
          *indices++ = place;                                            \
        }                                                                \
      }                                                                  \
    }                                                                    \
  }
POOL_PLANE(f32, float)
POOL_PLANE(f64, double)

// Fills in the windows of plane |plane|; false if one leaves the input.
static bool plane_starts(const pt2__fractional_t* pool,
                         const pt2_tensor_t* samples, int64_t plane,
                         int64_t* starts) {
  size_t bytes = pt2_dtype_size_bytes(samples->dtype);
  const char* sample =
      (const char*)samples->data +
      (int64_t)bytes * (plane / pool->channels * samples->strides[0] +
                        plane % pool->channels * samples->strides[1]);
  if (pool->spatial == 2) {
    *starts++ = 0;  // the depth
  }
  for (int d = 3 - pool->spatial; d < 3; ++d) {
    // Two dimensions have the width's sample first, three the depth's.
    int at = pool->spatial == 2 ? 2 - d : d;
    double value = pt2__element_get_f64(
        samples->dtype, sample + (int64_t)bytes * at * samples->strides[2]);
    if (!pt2__fractional_starts(pool, d, samples->dtype, value, starts)) {
      return false;
    }
    starts += pool->output[d];
  }
  return true;
}

// |input| and |output| are row-major, in the dtype that is compared in.
static pt2_status_t pool_planes(const pt2__fractional_t* pool,
                                const pt2_tensor_t* input,
                                const pt2_tensor_t* samples,
                                pt2_tensor_t* output, pt2_tensor_t* indices) {
  int64_t in_plane = pool->input[0] * pool->input[1] * pool->input[2];
  int64_t out_plane = pool->output[0] * pool->output[1] * pool->output[2];
  int64_t window = pool->kernel[0] * pool->kernel[1] * pool->kernel[2];
  int64_t planes = pool->batch * pool->channels;
  int threads = pt2__op_threads(
      window > INT64_MAX / output->numel ? INT64_MAX : output->numel * window);
  int64_t count = pool->output[0] + pool->output[1] + pool->output[2];
  size_t bytes = sizeof(int64_t) * (size_t)count * (size_t)threads;
  int64_t* block = pt2__pool_alloc(bytes);
  if (block == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  int64_t bad = INT64_MAX;
#pragma omp parallel for schedule(static) num_threads(threads) \
    reduction(min                                              \
              : bad) if (threads > 1)
  for (int64_t plane = 0; plane < planes; ++plane) {
    int64_t* starts = block + count * omp_get_thread_num();
    int64_t* places = (int64_t*)indices->data + plane * out_plane;
    if (!plane_starts(pool, samples, plane, starts)) {
      bad = plane < bad ? plane : bad;
    } else if (input->dtype == PT2_DTYPE_F64) {
      plane_f64(pool, starts, (const double*)input->data + plane * in_plane,
                (double*)output->data + plane * out_plane, places);
    } else {
      plane_f32(pool, starts, (const float*)input->data + plane * in_plane,
                (float*)output->data + plane * out_plane, places);
    }
  }
  pt2__pool_free(block, bytes);
  PT2_OP_CHECK(bad == INT64_MAX,
               "fractional_max_pool%dd(): _random_samples of batch %lld, "
               "channel %lld put a window outside of the input",
               pool->spatial, (long long)(bad / pool->channels),
               (long long)(bad % pool->channels));
  return PT2_STATUS_OK;
}

static pt2_status_t pool_into(const pt2__fractional_t* pool,
                              const pt2_tensor_t* self,
                              const pt2_tensor_t* samples, pt2_tensor_t* result,
                              pt2_tensor_t* indices) {
  if (result->numel == 0) {
    return PT2_STATUS_OK;
  }
  // Comparing 16-bit floats as float changes no maximum.
  int32_t dtype = self->dtype == PT2_DTYPE_F64 ? PT2_DTYPE_F64 : PT2_DTYPE_F32;
  pt2_tensor_t* input = NULL;
  pt2_tensor_t* output = NULL;
  pt2_status_t status = pt2__lay_out(self, dtype, false, &input);
  if (status == PT2_STATUS_OK) {
    status = dtype == result->dtype
                 ? pt2__tensor_alias(result, &output)
                 : pt2__tensor_empty(dtype, result->rank, result->sizes, NULL,
                                     &output);
  }
  if (status == PT2_STATUS_OK) {
    status = pool_planes(pool, input, samples, output, indices);
  }
  if (status == PT2_STATUS_OK && dtype != result->dtype) {
    status = pt2__tensor_copy(result, output);
  }
  pt2__tensor_release(input);
  pt2__tensor_release(output);
  return status;
}

pt2_status_t pt2__fractional_pool(const pt2_tensor_t* self, int spatial,
                                  pt2__int_list_t kernel_size,
                                  pt2__int_list_t output_size,
                                  const pt2_tensor_t* samples,
                                  pt2_tensor_t** out_result,
                                  pt2_tensor_t** out_indices) {
  pt2__fractional_t pool;
  PT2_TRY(pt2__fractional_resolve(self, spatial, kernel_size, output_size,
                                  samples, &pool));
  pt2_tensor_t* result = NULL;
  pt2_tensor_t* indices = NULL;
  pt2_status_t status =
      pt2__tensor_empty(self->dtype, pool.rank, pool.out_sizes, NULL, &result);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_empty(PT2_DTYPE_I64, pool.rank, pool.out_sizes, NULL,
                               &indices);
  }
  if (status == PT2_STATUS_OK) {
    status = pool_into(&pool, self, samples, result, indices);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    pt2__tensor_release(indices);
    return status;
  }
  *out_result = result;
  *out_indices = indices;
  return PT2_STATUS_OK;
}

// ---- Gradient --------------------------------------------------------------

// Adds up in the dtype itself, as PyTorch does. Returns the first of |count|
// places whose index lies outside of a plane, or -1.
#define ADD_PLANE(suffix, type, ADD)                                        \
  static int64_t add_##suffix(const void* source, const int64_t* indices,   \
                              int64_t count, int64_t plane, void* target) { \
    const type* from = source;                                              \
    type* to = target;                                                      \
    for (int64_t i = 0; i < count; ++i) {                                   \
      if ((uint64_t)indices[i] >= (uint64_t)plane) {                        \
        return i;                                                           \
      }                                                                     \
      to[indices[i]] = ADD(to[indices[i]], from[i]);                        \
    }                                                                       \
    return -1;                                                              \
  }

#define SUM(a, b) ((a) + (b))
#define SUM_F16(a, b) pt2__f32_to_f16(pt2__f16_to_f32(a) + pt2__f16_to_f32(b))
#define SUM_BF16(a, b) \
  pt2__f32_to_bf16(pt2__bf16_to_f32(a) + pt2__bf16_to_f32(b))
ADD_PLANE(f32, float, SUM)
ADD_PLANE(f64, double, SUM)
ADD_PLANE(f16, uint16_t, SUM_F16)
ADD_PLANE(bf16, uint16_t, SUM_BF16)

typedef int64_t (*add_fn)(const void* source, const int64_t* indices,
                          int64_t count, int64_t plane, void* target);

static add_fn choose_add(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F32:
      return add_f32;
    case PT2_DTYPE_F64:
      return add_f64;
    case PT2_DTYPE_F16:
      return add_f16;
    default:
      return add_bf16;
  }
}

// All tensors are row-major.
static pt2_status_t add_planes(const pt2__fractional_t* pool,
                               const pt2_tensor_t* grad_output,
                               const pt2_tensor_t* indices,
                               pt2_tensor_t* result) {
  add_fn add = choose_add(result->dtype);
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(result->dtype);
  int64_t in_plane = pool->input[0] * pool->input[1] * pool->input[2];
  int64_t out_plane = pool->output[0] * pool->output[1] * pool->output[2];
  int64_t planes = pool->batch * pool->channels;
  const int64_t* places = indices->data;
  int64_t bad = INT64_MAX;
  int threads = pt2__op_threads(grad_output->numel + result->numel);
#pragma omp parallel for schedule(static) num_threads(threads) \
    reduction(min                                              \
              : bad) if (threads > 1)
  for (int64_t plane = 0; plane < planes; ++plane) {
    char* to = (char*)result->data + plane * in_plane * bytes;
    memset(to, 0, (size_t)(in_plane * bytes));
    int64_t at = add((const char*)grad_output->data + plane * out_plane * bytes,
                     places + plane * out_plane, out_plane, in_plane, to);
    if (at >= 0) {
      at += plane * out_plane;
      bad = at < bad ? at : bad;
    }
  }
  PT2_OP_CHECK(bad == INT64_MAX,
               "fractional_max_pool%dd_backward(): index %lld is out of range "
               "for an input of %lld x %lld x %lld",
               pool->spatial, (long long)places[bad], (long long)pool->input[0],
               (long long)pool->input[1], (long long)pool->input[2]);
  return PT2_STATUS_OK;
}

static pt2_status_t backward_into(const pt2__fractional_t* pool,
                                  const pt2_tensor_t* grad_output,
                                  const pt2_tensor_t* indices,
                                  pt2_tensor_t* result) {
  if (result->numel == 0) {
    return PT2_STATUS_OK;
  }
  pt2_tensor_t* source = NULL;
  pt2_tensor_t* places = NULL;
  pt2_status_t status = pt2__tensor_contiguous(grad_output, &source);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_contiguous(indices, &places);
  }
  if (status == PT2_STATUS_OK) {
    status = add_planes(pool, source, places, result);
  }
  pt2__tensor_release(source);
  pt2__tensor_release(places);
  return status;
}

pt2_status_t pt2__fractional_pool_backward(const pt2_tensor_t* grad_output,
                                           const pt2_tensor_t* self,
                                           int spatial,
                                           pt2__int_list_t output_size,
                                           const pt2_tensor_t* indices,
                                           pt2_tensor_t** out_result) {
  pt2__fractional_t pool;
  PT2_TRY(pt2__fractional_resolve_backward(grad_output, self, spatial,
                                           output_size, indices, &pool));
  pt2_tensor_t* result = NULL;
  PT2_TRY(
      pt2__tensor_empty(self->dtype, self->rank, self->sizes, NULL, &result));
  pt2_status_t status = backward_into(&pool, grad_output, indices, result);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}
