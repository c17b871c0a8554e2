// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/quantized/fake_quantize.h"

#include <math.h>

// Elements that a thread takes at a time.
#define CHUNK 16384
// Values whose range is found together.
#define LANES 16

// Element |i| of a tensor that is one-dimensional or contiguous.
static void* element(const pt2_tensor_t* tensor, int64_t i) {
  int64_t stride = tensor->rank == 1 ? tensor->strides[0] : 1;
  return (char*)tensor->data +
         i * stride * (int64_t)pt2_dtype_size_bytes(tensor->dtype);
}

// ---- Checks ----------------------------------------------------------------

static pt2_status_t read_switch(const pt2_tensor_t* tensor, const char* name,
                                bool* out_on) {
  PT2_OP_CHECK_TENSOR(tensor, name);
  PT2_OP_CHECK(tensor->numel == 1,
               "%s: a Tensor with %lld elements cannot be converted to Scalar",
               name, (long long)tensor->numel);
  // As an integer: what lies between -1 and 1 is off.
  double value = pt2__element_get_f64(tensor->dtype, tensor->data);
  *out_on = value >= 1 || value <= -1;
  return PT2_STATUS_OK;
}

static pt2_status_t check_range(const pt2_tensor_t* tensor, const char* name,
                                int64_t count) {
  PT2_OP_CHECK_TENSOR(tensor, name);
  PT2_OP_CHECK(tensor->dtype == PT2_DTYPE_F32,
               "%s: expected scalar type Float but found %s", name,
               pt2__dtype_torch_name(tensor->dtype));
  PT2_OP_CHECK(tensor->rank <= 1 || pt2__tensor_is_contiguous(tensor),
               "%s must be contiguous", name);
  PT2_OP_CHECK(tensor->numel == count,
               "%s has %lld elements, but there are %lld ranges", name,
               (long long)tensor->numel, (long long)count);
  return PT2_STATUS_OK;
}

static pt2_status_t check_observed(const pt2__fake_quantize_t* call,
                                   int64_t count) {
  const pt2_tensor_t* self = call->self;
  PT2_OP_CHECK(self->dtype == PT2_DTYPE_F32,
               "expected scalar type Float but found %s",
               pt2__dtype_torch_name(self->dtype));
  PT2_OP_CHECK(!call->per_row || call->ch_axis == 0,
               "Per-channel FakeQuant in fused_moving_avg_obs_fake_quant is "
               "only supported on axis == 0, not on %lld",
               (long long)call->ch_axis);
  PT2_OP_CHECK(!call->per_row || self->rank >= 2,
               "Dimension out of range (expected to be in range of [-%d, %d], "
               "but got 1)",
               self->rank < 1 ? 1 : self->rank,
               self->rank < 1 ? 0 : self->rank - 1);
  PT2_OP_CHECK(self->numel > 0,
               "cannot compute aminmax over an empty dimension as the "
               "operation has no identity");
  PT2_TRY(check_range(call->running_min, "running_min", count));
  return check_range(call->running_max, "running_max", count);
}

static pt2_status_t check_written(const pt2_tensor_t* tensor, const char* name,
                                  int64_t count) {
  PT2_OP_CHECK_TENSOR(tensor, name);
  PT2_OP_CHECK(tensor->rank == 1 && tensor->numel == count,
               "%s should be a 1-D tensor of %lld elements, but has %d "
               "dimensions and %lld elements",
               name, (long long)count, tensor->rank, (long long)tensor->numel);
  return PT2_STATUS_OK;
}

static pt2_status_t check_quantized(const pt2__fake_quantize_t* call,
                                    int64_t count) {
  PT2_OP_CHECK(call->quant_min <= call->quant_max,
               "`quant_min` should be less than or equal to `quant_max`, but "
               "they are %lld and %lld",
               (long long)call->quant_min, (long long)call->quant_max);
  PT2_OP_CHECK(call->quant_min >= INT32_MIN && call->quant_max <= INT32_MAX,
               "quant_min and quant_max are out of range");
  PT2_OP_CHECK(pt2__dtype_is_floating(call->self->dtype) &&
                   pt2_dtype_size_bytes(call->self->dtype) > 1,
               "\"fake_quantize\" not implemented for '%s'",
               pt2__dtype_torch_name(call->self->dtype));
  PT2_TRY(check_range(call->running_min, "running_min", count));
  PT2_TRY(check_range(call->running_max, "running_max", count));
  PT2_TRY(check_written(call->scale, "scale", count));
  PT2_TRY(check_written(call->zero_point, "zero_point", count));
  if (!call->per_row) {
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK(call->ch_axis == 0 && call->self->rank >= 1 &&
                   call->self->sizes[0] == count,
               "dimensions of scale and zero-point are not consistent with "
               "input tensor");
  PT2_OP_CHECK(call->scale->dtype == PT2_DTYPE_F32,
               "Scale must be Float, found %s",
               pt2__dtype_torch_name(call->scale->dtype));
  int32_t dtype = call->zero_point->dtype;
  PT2_OP_CHECK(dtype == PT2_DTYPE_I32 || dtype == PT2_DTYPE_F32 ||
                   dtype == PT2_DTYPE_F16,
               "Zero-point must be Int32, Float or Half, found %s",
               pt2__dtype_torch_name(dtype));
  return PT2_STATUS_OK;
}

// ---- The range -------------------------------------------------------------

typedef struct {
  float least, most;
} range_t;

// NaN if there is one.
static range_t range_of(const float* values, int64_t count) {
  float least[LANES], most[LANES];
  uint32_t nan[LANES] = {0};
  for (int j = 0; j < LANES; ++j) {
    least[j] = most[j] = values[0];
  }
  int64_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (int j = 0; j < LANES; ++j) {
      float x = values[i + j];
      least[j] = x < least[j] ? x : least[j];
      most[j] = x > most[j] ? x : most[j];
      nan[j] |= (uint32_t)(x != x);
    }
  }
  for (; i < count; ++i) {
    float x = values[i];
    least[0] = x < least[0] ? x : least[0];
    most[0] = x > most[0] ? x : most[0];
    nan[0] |= (uint32_t)(x != x);
  }
  range_t range = {least[0], most[0]};
  uint32_t any = nan[0];
  for (int j = 1; j < LANES; ++j) {
    range.least = least[j] < range.least ? least[j] : range.least;
    range.most = most[j] > range.most ? most[j] : range.most;
    any |= nan[j];
  }
  return any ? (range_t){NAN, NAN} : range;
}

static float moved(float running, float now, float weight) {
  return isinf(running) ? now : running + weight * (now - running);
}

// |x| is row-major.
static void observe(const pt2__fake_quantize_t* call, const pt2_tensor_t* x,
                    int64_t count) {
  int64_t width = x->numel / count;
  float weight = (float)call->averaging_const;
  for (int64_t i = 0; i < count; ++i) {
    range_t range = range_of((const float*)x->data + i * width, width);
    float* least = element(call->running_min, i);
    float* most = element(call->running_max, i);
    *least = moved(*least, range.least, weight);
    *most = moved(*most, range.most, weight);
  }
}

// ---- Scale and zero point --------------------------------------------------

#define SMALLEST_SCALE 6.1e-5f

// As FBGEMM chooses them.
static void choose(float least, float most, const pt2__fake_quantize_t* call,
                   float* out_scale, int32_t* out_zero_point) {
  int64_t low = call->quant_min;
  int64_t high = call->quant_max;
  if (least < 0 && most > 0 && call->symmetric) {
    double below = -(double)((high - low) / 2 + 1);
    double above = (double)((high - low) / 2);
    double by_least = fabs(least / below);
    double by_most = fabs(most / above);
    double widest = by_least < by_most ? by_most : by_least;
    least = (float)(widest * below);
    most = (float)(widest * above);
  }
  least = 0 < least ? 0 : least;
  most = most < 0 ? 0 : most;
  float scale = (float)(((double)most - least) / (double)(high - low));
  if (scale == 0.0f || isinf(1.0f / scale)) {
    scale = 0.1f;
  }
  if (scale < SMALLEST_SCALE) {
    float before = scale;
    scale = SMALLEST_SCALE;
    if (least == 0.0f) {
      most = SMALLEST_SCALE * (float)(high - low);
    } else if (most == 0.0f) {
      least = -SMALLEST_SCALE * (float)(high - low);
    } else {
      least *= SMALLEST_SCALE / before;
      most *= SMALLEST_SCALE / before;
    }
  }
  // Of both ends, the one that loses less.
  double from_least = (double)low - least / (double)scale;
  double from_most = (double)high - most / (double)scale;
  double error_least = fabs((double)low) + fabs(least / (double)scale);
  double error_most = fabs((double)high) + fabs(most / (double)scale);
  double zero_point = error_least < error_most ? from_least : from_most;
  if (least < 0 && most > 0 && call->symmetric) {
    zero_point = (double)(low + high) / 2;
  }
  *out_scale = scale;
  *out_zero_point = zero_point < (double)low    ? (int32_t)low
                    : zero_point > (double)high ? (int32_t)high
                    : isnan(zero_point)         ? INT32_MIN
                                        : (int32_t)nearbyint(zero_point);
}

static void choose_all(const pt2__fake_quantize_t* call, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    float scale;
    int32_t zero_point;
    choose(*(const float*)element(call->running_min, i),
           *(const float*)element(call->running_max, i), call, &scale,
           &zero_point);
    pt2__element_set_f64(call->scale->dtype, element(call->scale, i),
                         (double)scale);
    if (pt2__dtype_is_integral(call->zero_point->dtype, true)) {
      pt2__element_set_i64(call->zero_point->dtype,
                           element(call->zero_point, i), zero_point);
    } else {
      pt2__element_set_f64(call->zero_point->dtype,
                           element(call->zero_point, i), zero_point);
    }
  }
}

// ---- Rounding --------------------------------------------------------------

typedef struct {
  float scale, inverse, zero_point, low, high;
} rounding_t;

// To the nearest (even) integer, in a form that compilers vectorise.
static inline float round_even(float x) {
  float big = copysignf(8388608.0f, x);
  return fabsf(x) < 8388608.0f ? (x + big) - big : x;
}

static void round_f32(const rounding_t* r, const float* from, float* to,
                      uint8_t* mask, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    float q = r->zero_point + round_even(from[i] * r->inverse);
    float clamped = q > r->low ? q : r->low;
    clamped = clamped < r->high ? clamped : r->high;
    to[i] = (clamped - r->zero_point) * r->scale;
    mask[i] = (uint8_t)((r->low <= q) & (q <= r->high));
  }
}

// The same for other dtypes, element by element.
static void round_any(const rounding_t* r, int32_t dtype, const char* from,
                      char* to, uint8_t* mask, int64_t count) {
  size_t bytes = pt2_dtype_size_bytes(dtype);
  for (int64_t i = 0; i < count; ++i) {
    double x = pt2__element_get_f64(dtype, from + (size_t)i * bytes);
    double scaled = dtype == PT2_DTYPE_F64 ? x * (double)r->inverse
                                           : (double)((float)x * r->inverse);
    double q = (double)r->zero_point + nearbyint(scaled);
    double clamped = q > (double)r->low ? q : (double)r->low;
    clamped = clamped < (double)r->high ? clamped : (double)r->high;
    float value = (float)(clamped - (double)r->zero_point) * r->scale;
    pt2__element_set_f64(dtype, to + (size_t)i * bytes, (double)value);
    mask[i] = (uint8_t)((double)r->low <= q && q <= (double)r->high);
  }
}

// |count| elements from |first| on, which lie side by side.
static void round_run(const rounding_t* r, const pt2_tensor_t* x,
                      pt2_tensor_t* y, pt2_tensor_t* mask, int64_t first,
                      int64_t count) {
  uint8_t* flags = (uint8_t*)mask->data + first;
  if (x->dtype == PT2_DTYPE_F32) {
    round_f32(r, (const float*)x->data + first, (float*)y->data + first, flags,
              count);
    return;
  }
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(x->dtype);
  round_any(r, x->dtype, (const char*)x->data + first * bytes,
            (char*)y->data + first * bytes, flags, count);
}

// The three have the same dense strides; row-major if there are |count| > 1
// channels.
static void round_all(const pt2__fake_quantize_t* call, const pt2_tensor_t* x,
                      pt2_tensor_t* y, pt2_tensor_t* mask, int64_t count) {
  int64_t width = count == 0 ? 0 : x->numel / count;
  for (int64_t i = 0; i < count; ++i) {
    float scale = (float)pt2__element_get_f64(call->scale->dtype,
                                              element(call->scale, i));
    const rounding_t r = {
        .scale = scale,
        .inverse = 1.0f / scale,
        .zero_point = (float)pt2__element_get_f64(call->zero_point->dtype,
                                                  element(call->zero_point, i)),
        .low = (float)call->quant_min,
        .high = (float)call->quant_max};
    int64_t chunks = (width + CHUNK - 1) / CHUNK;
    int threads = pt2__op_threads(width);
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int64_t c = 0; c < chunks; ++c) {
      int64_t first = c * CHUNK;
      int64_t part = width - first < CHUNK ? width - first : CHUNK;
      round_run(&r, x, y, mask, i * width + first, part);
    }
  }
}

// ---- The call --------------------------------------------------------------

typedef struct {
  pt2_tensor_t* x;  // self with the results' strides, or row-major
  pt2_tensor_t* y;  // row-major, where the results are not
  pt2_tensor_t* flags;
  pt2_tensor_t* result;
  pt2_tensor_t* mask;
} work_t;

static pt2_status_t prepare(const pt2__fake_quantize_t* call, bool quantize,
                            work_t* work) {
  const pt2_tensor_t* self = call->self;
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &work->result));
  PT2_TRY(pt2__tensor_empty_like(self, PT2_DTYPE_BOOL, &work->mask));
  // Rows are read along, and so is whatever has gaps.
  if (call->per_row || !pt2__tensor_is_non_overlapping_and_dense(self)) {
    PT2_TRY(pt2__tensor_contiguous(self, &work->x));
  } else {
    PT2_TRY(pt2__tensor_alias(self, &work->x));
  }
  if (quantize && call->per_row && !pt2__tensor_is_contiguous(work->result)) {
    PT2_TRY(pt2__tensor_empty(self->dtype, self->rank, self->sizes, NULL,
                              &work->y));
    PT2_TRY(pt2__tensor_empty(PT2_DTYPE_BOOL, self->rank, self->sizes, NULL,
                              &work->flags));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t finish(const pt2__fake_quantize_t* call, bool quantize,
                           int64_t count, work_t* work) {
  if (!quantize) {
    for (int64_t i = 0; i < work->mask->numel; ++i) {
      ((uint8_t*)work->mask->data)[i] = 1;
    }
    return pt2__tensor_copy(work->result, call->self);
  }
  choose_all(call, count);
  if (work->y == NULL) {
    round_all(call, work->x, work->result, work->mask, count);
    return PT2_STATUS_OK;
  }
  round_all(call, work->x, work->y, work->flags, count);
  PT2_TRY(pt2__tensor_copy(work->result, work->y));
  return pt2__tensor_copy(work->mask, work->flags);
}

static pt2_status_t run(const pt2__fake_quantize_t* call, work_t* work) {
  const pt2_tensor_t* self = call->self;
  PT2_OP_CHECK_TENSOR(self, "self");
  bool observing = false;
  bool quantize = false;
  PT2_TRY(read_switch(call->observer_on, "observer_on", &observing));
  PT2_TRY(read_switch(call->fake_quant_on, "fake_quant_on", &quantize));
  // PyTorch takes the range along dimension 1: of each row of a matrix.
  int64_t count = 1;
  if (call->per_row && self->rank >= 1) {
    count = self->sizes[0];
    for (int i = 2; i < self->rank && observing; ++i) {
      count *= self->sizes[i];
    }
  }
  if (observing) {
    PT2_TRY(check_observed(call, count));
  }
  if (quantize) {
    PT2_TRY(check_quantized(call, count));
  }
  PT2_TRY(prepare(call, quantize, work));
  if (observing) {
    observe(call, work->x, count);
  }
  return finish(call, quantize, count, work);
}

pt2_status_t pt2__fake_quantize(const pt2__fake_quantize_t* call,
                                pt2_tensor_t** out_result,
                                pt2_tensor_t** out_mask) {
  work_t work = {0};
  pt2_status_t status = run(call, &work);
  pt2__tensor_release(work.x);
  pt2__tensor_release(work.y);
  pt2__tensor_release(work.flags);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(work.result);
    pt2__tensor_release(work.mask);
    return status;
  }
  *out_result = work.result;
  *out_mask = work.mask;
  return PT2_STATUS_OK;
}
