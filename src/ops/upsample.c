// SPDX-License-Identifier: Apache-2.0
#include "ops/upsample.h"

#include <math.h>

#include "ops/op.h"

pt2_status_t pt2__upsample_resolve(const pt2_tensor_t* input,
                                   const int64_t* output_size, size_t count,
                                   bool align_corners, const double* scales,
                                   pt2__upsample_t* out_upsample) {
  PT2_OP_CHECK_TENSOR(input, "input");
  PT2_OP_CHECK(count == 2,
               "It is expected output_size equals to 2, but got size %zu",
               count);
  PT2_OP_CHECK(input->rank == 4,
               "It is expected input_size equals to 4, but got size %d",
               input->rank);
  const int64_t* sizes = input->sizes;
  PT2_OP_CHECK(
      sizes[2] > 0 && sizes[3] > 0 && output_size[0] > 0 && output_size[1] > 0,
      "Input and output sizes should be greater than 0, but got "
      "input (H: %lld, W: %lld) output (H: %lld, W: %lld)",
      (long long)sizes[2], (long long)sizes[3], (long long)output_size[0],
      (long long)output_size[1]);
  char text[256];
  PT2_OP_CHECK(sizes[1] > 0,
               "Non-empty 4D data tensor expected but got a tensor with sizes "
               "%s",
               pt2__sizes_format(4, sizes, text, sizeof(text)));
  pt2__upsample_t made = {.spatial = 2,
                          .align_corners = align_corners,
                          .batch = sizes[0],
                          .channels = sizes[1],
                          .out_sizes = {sizes[0], sizes[1]}};
  for (int d = 0; d < 2; ++d) {
    made.input[d] = sizes[2 + d];
    made.output[d] = made.out_sizes[2 + d] = output_size[d];
    made.scale[d] = scales[d] > 0 ? 1 / scales[d] : 0;
  }
  made.channels_last =
      pt2__tensor_suggest_memory_format(input) != PT2_MEMORY_FORMAT_CONTIGUOUS;
  if (made.channels_last) {
    pt2__sizes_channels_last_strides(4, made.out_sizes, made.out_strides);
  } else {
    pt2__sizes_contiguous_strides(4, made.out_sizes, made.out_strides);
  }
  *out_upsample = made;
  return PT2_STATUS_OK;
}

static double source_in_double(const pt2__upsample_t* upsample, int d,
                               int64_t at) {
  double in = (double)upsample->input[d], out = (double)upsample->output[d];
  if (upsample->align_corners) {
    return out > 1 ? (in - 1) / (out - 1) * (double)at : 0;
  }
  double scale = upsample->scale[d] > 0 ? upsample->scale[d] : in / out;
  double source = scale * ((double)at + 0.5) - 0.5;
  return upsample->cubic ? source : fmax(source, 0);
}

// The same rounded as PyTorch rounds for float.
static double source_in_float(const pt2__upsample_t* upsample, int d,
                              int64_t at) {
  float in = (float)upsample->input[d], out = (float)upsample->output[d];
  if (upsample->align_corners) {
    return out > 1 ? (in - 1) / (out - 1) * (float)at : 0;
  }
  float scale = upsample->scale[d] > 0 ? (float)upsample->scale[d] : in / out;
  float source = scale * ((float)at + 0.5f) - 0.5f;
  return upsample->cubic ? source : fmaxf(source, 0);
}

void pt2__upsample_place(const pt2__upsample_t* upsample, int d, int64_t at,
                         bool in_double, int64_t* out_first,
                         int64_t* out_second, double* out_share) {
  double source = in_double ? source_in_double(upsample, d, at)
                            : source_in_float(upsample, d, at);
  int64_t last = upsample->input[d] - 1;
  int64_t first = source < (double)last ? (int64_t)source : last;
  *out_first = first;
  *out_second = first < last ? first + 1 : last;
  double share = source - (double)first;
  *out_share = share > 1 ? 1 : share;
}

// ---- Antialiasing ----------------------------------------------------------

// Input elements for each result.
static double ratio_of(const pt2__upsample_t* upsample, int d, bool in_double) {
  double in = (double)upsample->input[d], out = (double)upsample->output[d];
  if (upsample->align_corners && out <= 1) {
    return 0;
  }
  if (in_double) {
    return upsample->align_corners  ? (in - 1) / (out - 1)
           : upsample->scale[d] > 0 ? upsample->scale[d]
                                    : in / out;
  }
  return upsample->align_corners  ? ((float)in - 1) / ((float)out - 1)
         : upsample->scale[d] > 0 ? (float)upsample->scale[d]
                                  : (float)in / (float)out;
}

static double tent(double x) { return x < 1 ? 1 - x : 0; }

// Keys' cubic convolution with a = -0.5.
static double cubic(double x) {
  return x < 1   ? (1.5 * x - 2.5) * x * x + 1
         : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2
                 : 0;
}

// Half the width of the filter, in elements of the input.
static double reach_of(const pt2__upsample_t* upsample, double ratio) {
  double reach = upsample->cubic ? 2 : 1;
  return ratio >= 1 ? reach * ratio : reach;
}

int64_t pt2__upsample_antialias_taps(const pt2__upsample_t* upsample, int d) {
  double reach = reach_of(upsample, ratio_of(upsample, d, true));
  // One more for the ratio's rounding.
  double most = 2 * ceil(reach) + 2;
  return most < (double)upsample->input[d] ? (int64_t)most : upsample->input[d];
}

int64_t pt2__upsample_antialias(const pt2__upsample_t* upsample, int d,
                                int64_t at, bool in_double, int64_t* out_first,
                                double* out_weights) {
  const double ratio = ratio_of(upsample, d, in_double);
  const double reach = reach_of(upsample, ratio);
  double center = ratio * ((double)at + 0.5);
  center = in_double ? center : (double)(float)center;
  int64_t most = pt2__upsample_antialias_taps(upsample, d);
  int64_t first = (int64_t)fmax(center - reach + 0.5, 0);
  int64_t end = (int64_t)fmin(center + reach + 0.5, (double)upsample->input[d]);
  int64_t count = end - first < most ? end - first : most;
  double total = 0;
  for (int64_t i = 0; i < count; ++i) {
    double x = fabs((double)(first + i) - center + 0.5);
    x = ratio >= 1 ? x / ratio : x;
    out_weights[i] = upsample->cubic ? cubic(x) : tent(x);
    total += out_weights[i];
  }
  for (int64_t i = 0; total != 0 && i < count; ++i) {
    out_weights[i] /= total;
  }
  *out_first = first;
  return count > 0 ? count : 0;
}

// ---- Gradient --------------------------------------------------------------

static pt2_status_t check_counts(const pt2_tensor_t* grad_output,
                                 const pt2__upsample_backward_args_t* args) {
  int rank = args->spatial + 2;
  PT2_OP_CHECK(args->output_size.count == args->spatial,
               "It is expected output_size equals to %d, but got size %lld",
               args->spatial, (long long)args->output_size.count);
  PT2_OP_CHECK(args->input_size.count == rank,
               "It is expected input_size equals to %d, but got size %lld",
               rank, (long long)args->input_size.count);
  PT2_OP_CHECK(grad_output->rank == rank,
               "Expected grad_output to be a tensor of dimension %d but got: "
               "dimension %d",
               rank, grad_output->rank);
  return PT2_STATUS_OK;
}

static pt2_status_t check_backward_sizes(
    const pt2_tensor_t* grad_output,
    const pt2__upsample_backward_args_t* args) {
  const int64_t* in = args->input_size.values;
  const int64_t* out = args->output_size.values;
  char in_text[128], out_text[128];
  bool positive = true;
  for (int d = 0; d < args->spatial; ++d) {
    positive = positive && in[2 + d] > 0 && out[d] > 0;
  }
  PT2_OP_CHECK(
      positive,
      "Input and output sizes should be greater than 0, but got input %s and "
      "output %s",
      pt2__sizes_format(args->spatial, in + 2, in_text, sizeof(in_text)),
      pt2__sizes_format(args->spatial, out, out_text, sizeof(out_text)));
  for (int i = 0; i < args->spatial + 2; ++i) {
    int64_t wanted = i < 2 ? in[i] : out[i - 2];
    PT2_OP_CHECK(grad_output->sizes[i] == wanted,
                 "Expected grad_output to have the same shape as output; "
                 "output.size(%d) = %lld but got grad_output.size(%d) = %lld",
                 i, (long long)wanted, i, (long long)grad_output->sizes[i]);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__upsample_resolve_backward(
    const pt2_tensor_t* grad_output, const pt2__upsample_backward_args_t* args,
    pt2__upsample_t* out_upsample) {
  PT2_OP_CHECK_TENSOR(grad_output, "grad_output");
  PT2_TRY(check_counts(grad_output, args));
  PT2_TRY(check_backward_sizes(grad_output, args));
  int32_t dtype = grad_output->dtype;
  if (dtype != PT2_DTYPE_F32 && dtype != PT2_DTYPE_F64 &&
      dtype != PT2_DTYPE_F16 && dtype != PT2_DTYPE_BF16) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "not implemented for '%s'",
                    pt2__dtype_torch_name(dtype));
  }
  pt2__upsample_t made = {.spatial = args->spatial,
                          .cubic = args->cubic,
                          .align_corners = args->align_corners,
                          .batch = grad_output->sizes[0],
                          .channels = grad_output->sizes[1]};
  for (int i = 0; i < args->spatial + 2; ++i) {
    made.out_sizes[i] = args->input_size.values[i];
  }
  for (int d = 0; d < args->spatial; ++d) {
    const double* scale = args->scales[d];
    made.input[d] = args->input_size.values[2 + d];
    made.output[d] = args->output_size.values[d];
    made.scale[d] = scale != NULL && *scale > 0 ? 1 / *scale : 0;
  }
  made.channels_last =
      !args->cubic && pt2__tensor_suggest_memory_format(grad_output) !=
                          PT2_MEMORY_FORMAT_CONTIGUOUS;
  if (made.channels_last) {
    pt2__sizes_channels_last_strides(args->spatial + 2, made.out_sizes,
                                     made.out_strides);
  } else {
    pt2__sizes_contiguous_strides(args->spatial + 2, made.out_sizes,
                                  made.out_strides);
  }
  *out_upsample = made;
  return PT2_STATUS_OK;
}

// Keys' cubic convolution with a = -0.75 for the elements at distances 1 + t,
// t, 1 - t and 2 - t.
#define CUBIC_WEIGHTS(suffix, real)                                   \
  static real near_##suffix(real x) {                                 \
    const real a = (real)-0.75;                                       \
    return ((a + 2) * x - (a + 3)) * x * x + 1;                       \
  }                                                                   \
  static real far_##suffix(real x) {                                  \
    const real a = (real)-0.75;                                       \
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;                 \
  }                                                                   \
  static void cubic_##suffix(real t, pt2__upsample_tap_t* out_taps) { \
    out_taps[0].weight = far_##suffix(t + 1);                         \
    out_taps[1].weight = near_##suffix(t);                            \
    out_taps[2].weight = near_##suffix(1 - t);                        \
    out_taps[3].weight = far_##suffix(2 - t);                         \
  }
CUBIC_WEIGHTS(f32, float)
CUBIC_WEIGHTS(f64, double)

static int64_t clamp_index(int64_t at, int64_t last) {
  return at < 0 ? 0 : at > last ? last : at;
}

int pt2__upsample_taps(const pt2__upsample_t* upsample, int d, int64_t at,
                       bool in_double, pt2__upsample_tap_t* out_taps) {
  int64_t last = upsample->input[d] - 1;
  // PyTorch takes equal sizes for a copy, whatever the scale.
  if (!upsample->cubic && upsample->input[d] == upsample->output[d]) {
    out_taps[0] = (pt2__upsample_tap_t){at, 1};
    out_taps[1] = (pt2__upsample_tap_t){at, 0};
    return 2;
  }
  double source = in_double ? source_in_double(upsample, d, at)
                            : source_in_float(upsample, d, at);
  // The element is found in float for double too.
  double floored = floorf((float)source);
  int64_t first = floored < (double)last ? (int64_t)floored : last;
  double t = source - (double)first;
  t = t < 0 ? 0 : t > 1 ? 1 : t;
  if (!upsample->cubic) {
    out_taps[0].at = first;
    out_taps[0].weight = in_double ? 1 - t : 1 - (float)t;
    out_taps[1].at = first < last ? first + 1 : last;
    out_taps[1].weight = t;
    return 2;
  }
  if (in_double) {
    cubic_f64(t, out_taps);
  } else {
    cubic_f32((float)t, out_taps);
  }
  for (int i = 0; i < 4; ++i) {
    out_taps[i].at = clamp_index(first - 1 + i, last);
  }
  return 4;
}
