// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/upsample_antialias.h"

#include "ops/upsample.h"

// The results along one dimension: where the elements of each begin, how many
// there are, and |most| places for their weights.
typedef struct {
  int64_t count, most;
  int64_t* firsts;
  int64_t* lengths;
  double* weights;
  void* block;
  size_t bytes;
} taps_t;

static pt2_status_t make_taps(const pt2__upsample_t* up, int d, bool in_double,
                              taps_t* out_taps) {
  taps_t taps = {.count = up->output[d],
                 .most = pt2__upsample_antialias_taps(up, d)};
  int64_t row, all;
  bool fits =
      !__builtin_mul_overflow(taps.most + 2, (int64_t)sizeof(double), &row) &&
      !__builtin_mul_overflow(row, taps.count, &all);
  taps.bytes = fits ? (size_t)all : SIZE_MAX;
  taps.block = fits ? pt2__pool_alloc(taps.bytes) : NULL;
  if (taps.block == NULL) {
    return PT2_OUT_OF_MEMORY(taps.bytes);
  }
  taps.firsts = taps.block;
  taps.lengths = taps.firsts + taps.count;
  taps.weights = (double*)(taps.lengths + taps.count);
  for (int64_t at = 0; at < taps.count; ++at) {
    taps.lengths[at] = pt2__upsample_antialias(
        up, d, at, in_double, &taps.firsts[at], taps.weights + at * taps.most);
  }
  *out_taps = taps;
  return PT2_STATUS_OK;
}

// RESAMPLE: |to| is row |at| of |width| elements, made of rows of |from|.
#define RESAMPLE(suffix, real)                                         \
  static void resample_##suffix(const real* from, const taps_t* taps,  \
                                int64_t at, int64_t width, real* to) { \
    const double* weights = taps->weights + at * taps->most;           \
    from += taps->firsts[at] * width;                                  \
    if (width == 1) {                                                  \
      real sum = 0;                                                    \
      for (int64_t t = 0; t < taps->lengths[at]; ++t) {                \
        sum += (real)weights[t] * from[t];                             \
      }                                                                \
      *to = sum;                                                       \
      return;                                                          \
    }                                                                  \
    for (int64_t i = 0; i < width; ++i) {                              \
      to[i] = 0;                                                       \
    }                                                                  \
    for (int64_t t = 0; t < taps->lengths[at]; ++t, from += width) {   \
      real weight = (real)weights[t];                                  \
      for (int64_t i = 0; i < width; ++i) {                            \
        to[i] += weight * from[i];                                     \
      }                                                                \
    }                                                                  \
  }
RESAMPLE(f32, float)
RESAMPLE(f64, double)

// From [outer, length, width] to [outer, taps->count, width].
static void resample(const taps_t* taps, bool in_double, int64_t outer,
                     int64_t length, int64_t width, const void* from,
                     void* to) {
  int64_t rows = outer * taps->count;
  int threads = pt2__op_threads(rows * width * taps->most);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t row = 0; row < rows; ++row) {
    int64_t begin = row / taps->count * length * width;
    int64_t at = row % taps->count;
    if (in_double) {
      resample_f64((const double*)from + begin, taps, at, width,
                   (double*)to + row * width);
    } else {
      resample_f32((const float*)from + begin, taps, at, width,
                   (float*)to + row * width);
    }
  }
}

// A new tensor of |sizes| in the order of the result's dimensions.
static pt2_status_t make_dense(const pt2__upsample_t* up, int32_t dtype,
                               int64_t height, int64_t width,
                               pt2_tensor_t** out) {
  const int64_t sizes[4] = {up->batch, up->channels, height, width};
  int64_t strides[4];
  if (up->channels_last) {
    pt2__sizes_channels_last_strides(4, sizes, strides);
  } else {
    pt2__sizes_contiguous_strides(4, sizes, strides);
  }
  return pt2__tensor_empty(dtype, 4, sizes, strides, out);
}

// The width first, as PyTorch does it.
static pt2_status_t compute(const pt2__upsample_t* up,
                            const pt2_tensor_t* input, pt2_tensor_t* between,
                            pt2_tensor_t* result) {
  const bool in_double = input->dtype == PT2_DTYPE_F64;
  const int64_t planes =
      up->channels_last ? up->batch : up->batch * up->channels;
  const int64_t pixel = up->channels_last ? up->channels : 1;
  taps_t across, down;
  PT2_TRY(make_taps(up, 1, in_double, &across));
  pt2_status_t status = make_taps(up, 0, in_double, &down);
  if (status == PT2_STATUS_OK) {
    resample(&across, in_double, planes * up->input[0], up->input[1], pixel,
             input->data, between->data);
    resample(&down, in_double, planes, up->input[0], up->output[1] * pixel,
             between->data, result->data);
    pt2__pool_free(down.block, down.bytes);
  }
  pt2__pool_free(across.block, across.bytes);
  return status;
}

static pt2_status_t fill(const pt2__upsample_t* up, const pt2_tensor_t* self,
                         pt2_tensor_t* result) {
  if (result->numel == 0) {
    return PT2_STATUS_OK;
  }
  pt2_tensor_t *input, *between;
  PT2_TRY(make_dense(up, self->dtype, up->input[0], up->input[1], &input));
  pt2_status_t status = pt2__tensor_copy(input, self);
  if (status == PT2_STATUS_OK) {
    status = make_dense(up, self->dtype, up->input[0], up->output[1], &between);
  }
  if (status == PT2_STATUS_OK) {
    status = compute(up, input, between, result);
    pt2__tensor_release(between);
  }
  pt2__tensor_release(input);
  return status;
}

pt2_status_t pt2__upsample_antialias_boxed(const pt2__boxed_t* boxed,
                                           bool cubic,
                                           pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  const int64_t* output_size;
  int64_t count;
  bool align_corners = false;
  double scales[2] = {0, 0};
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_ints(boxed, 1, "output_size", &output_size, &count));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "align_corners", &align_corners));
  PT2_TRY(pt2__boxed_number(boxed, 3, "scales_h", &scales[0], NULL));
  PT2_TRY(pt2__boxed_number(boxed, 4, "scales_w", &scales[1], NULL));
  pt2__upsample_t up;
  PT2_TRY(pt2__upsample_resolve(self, output_size, (size_t)count, align_corners,
                                scales, &up));
  up.cubic = cubic;
  if (self->dtype != PT2_DTYPE_F32 && self->dtype != PT2_DTYPE_F64) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "\"compute_index_ranges_weights\" not implemented for '%s'",
                    pt2__dtype_torch_name(self->dtype));
  }
  pt2_tensor_t* result;
  PT2_TRY(
      pt2__tensor_empty(self->dtype, 4, up.out_sizes, up.out_strides, &result));
  pt2_status_t status = fill(&up, self, result);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}
