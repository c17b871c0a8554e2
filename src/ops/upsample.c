// SPDX-License-Identifier: Apache-2.0
#include "ops/upsample.h"

#include <stdio.h>

#include <math.h>

#include "ops/op.h"

static void set_strides(pt2__upsample_t* upsample) {
  int rank = upsample->spatial + 2;
  if (upsample->channels_last) {
    pt2__sizes_channels_last_strides(rank, upsample->out_sizes,
                                     upsample->out_strides);
  } else {
    pt2__sizes_contiguous_strides(rank, upsample->out_sizes,
                                  upsample->out_strides);
  }
}

// "(H: 3, W: 4)", as torch writes sizes here.
static const char* name_sizes(int spatial, const int64_t* sizes, char* text,
                              size_t bytes) {
  static const char names[] = "DHW";
  size_t length = 0;
  for (int d = 0; d < spatial && length < bytes; ++d) {
    length += (size_t)snprintf(text + length, bytes - length, "%s%c: %lld",
                               d == 0 ? "(" : ", ", names[3 - spatial + d],
                               (long long)sizes[d]);
  }
  if (length < bytes) {
    snprintf(text + length, bytes - length, ")");
  }
  return text;
}

static pt2_status_t check_positive(int spatial, const int64_t* in,
                                   const int64_t* out) {
  char in_text[128], out_text[128];
  bool positive = true;
  for (int d = 0; d < spatial; ++d) {
    positive = positive && in[d] > 0 && out[d] > 0;
  }
  PT2_OP_CHECK(positive,
               "Input and output sizes should be greater than 0, but got input "
               "%s output "
               "%s",
               name_sizes(spatial, in, in_text, sizeof(in_text)),
               name_sizes(spatial, out, out_text, sizeof(out_text)));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__upsample_resolve(const pt2_tensor_t* input, int spatial,
                                   const int64_t* output_size, size_t count,
                                   bool align_corners, const double* scales,
                                   pt2__upsample_t* out_upsample) {
  PT2_OP_CHECK_TENSOR(input, "input");
  PT2_OP_CHECK(count == (size_t)spatial,
               "It is expected output_size equals to %d, but got size %zu",
               spatial, count);
  PT2_OP_CHECK(input->rank == spatial + 2,
               "It is expected input_size equals to %d, but got size %d",
               spatial + 2, input->rank);
  const int64_t* sizes = input->sizes;
  PT2_TRY(check_positive(spatial, sizes + 2, output_size));
  char text[256];
  PT2_OP_CHECK(sizes[1] > 0,
               "Non-empty %dD data tensor expected but got a tensor with sizes "
               "%s",
               spatial + 2,
               pt2__sizes_format(spatial + 2, sizes, text, sizeof(text)));
  pt2__upsample_t made = {.spatial = spatial,
                          .align_corners = align_corners,
                          .batch = sizes[0],
                          .channels = sizes[1],
                          .out_sizes = {sizes[0], sizes[1]}};
  for (int d = 0; d < spatial; ++d) {
    made.input[d] = sizes[2 + d];
    made.output[d] = made.out_sizes[2 + d] = output_size[d];
    made.scale[d] = scales[d] > 0 ? 1 / scales[d] : 0;
  }
  made.channels_last =
      pt2__tensor_suggest_memory_format(input) != PT2_MEMORY_FORMAT_CONTIGUOUS;
  set_strides(&made);
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
  return upsample->filter == PT2__UPSAMPLE_CUBIC ? source : fmax(source, 0);
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
  return upsample->filter == PT2__UPSAMPLE_CUBIC ? source : fmaxf(source, 0);
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

static double lanczos(double x) {
  const double pi = 3.14159265358979323846;
  if (x >= 3) {
    return 0;
  }
  return x == 0 ? 1 : 3 * sin(pi * x) * sin(pi * x / 3) / (pi * pi * x * x);
}

static double weight_of(pt2__upsample_filter_t filter, double x) {
  return filter == PT2__UPSAMPLE_CUBIC     ? cubic(x)
         : filter == PT2__UPSAMPLE_LANCZOS ? lanczos(x)
                                           : tent(x);
}

// Half the width of the filter, in elements of the input.
static double reach_of(const pt2__upsample_t* upsample, double ratio) {
  double reach = upsample->filter == PT2__UPSAMPLE_CUBIC     ? 2
                 : upsample->filter == PT2__UPSAMPLE_LANCZOS ? 3
                                                             : 1;
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
    out_weights[i] = weight_of(upsample->filter, x);
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
  PT2_TRY(check_positive(args->spatial, in + 2, out));
  for (int i = 0; i < args->spatial + 2; ++i) {
    int64_t wanted = i < 2 ? in[i] : out[i - 2];
    PT2_OP_CHECK(grad_output->sizes[i] == wanted,
                 "Expected grad_output to have the same shape as output; "
                 "output.size(%d) = %lld but got grad_output.size(%d) = %lld",
                 i, (long long)wanted, i, (long long)grad_output->sizes[i]);
  }
  return PT2_STATUS_OK;
}

// Whether a gradient keeps its channels innermost.
static bool keeps_channels_last(const pt2__upsample_backward_args_t* args) {
  switch (args->filter) {
    case PT2__UPSAMPLE_LINEAR:
      return true;
    case PT2__UPSAMPLE_NEAREST:
    case PT2__UPSAMPLE_NEAREST_EXACT:
      return args->spatial == 2;
    default:
      return false;
  }
}

pt2_status_t pt2__upsample_resolve_backward(
    const pt2_tensor_t* grad_output, const pt2__upsample_backward_args_t* args,
    pt2__upsample_t* out_upsample) {
  PT2_OP_CHECK_TENSOR(grad_output, "grad_output");
  PT2_TRY(check_counts(grad_output, args));
  PT2_TRY(check_backward_sizes(grad_output, args));
  int32_t dtype = grad_output->dtype;
  if (dtype != PT2_DTYPE_F32 && dtype != PT2_DTYPE_F64 &&
      (args->antialias ||
       (dtype != PT2_DTYPE_F16 && dtype != PT2_DTYPE_BF16))) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "not implemented for '%s'",
                    pt2__dtype_torch_name(dtype));
  }
  pt2__upsample_t made = {.spatial = args->spatial,
                          .filter = args->filter,
                          .antialias = args->antialias,
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
  made.channels_last = keeps_channels_last(args) &&
                       pt2__tensor_suggest_memory_format(grad_output) !=
                           PT2_MEMORY_FORMAT_CONTIGUOUS;
  set_strides(&made);
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

// The element that result |at| is a copy of. Found in float, as PyTorch does it
// for all dtypes.
static int64_t nearest(const pt2__upsample_t* upsample, int d, int64_t at) {
  int64_t in = upsample->input[d], out = upsample->output[d];
  bool exact = upsample->filter == PT2__UPSAMPLE_NEAREST_EXACT;
  if (!exact && (out == in || out == 2 * in)) {
    return out == in ? at : at / 2;
  }
  float scale = upsample->scale[d] > 0 ? (float)upsample->scale[d]
                                       : (float)in / (float)out;
  float place = floorf(((float)at + (exact ? 0.5f : 0)) * scale);
  return place < (float)(in - 1) ? (int64_t)place : in - 1;
}

int pt2__upsample_taps(const pt2__upsample_t* upsample, int d, int64_t at,
                       bool in_double, pt2__upsample_tap_t* out_taps) {
  int64_t last = upsample->input[d] - 1;
  if (upsample->filter >= PT2__UPSAMPLE_NEAREST) {
    out_taps[0] = (pt2__upsample_tap_t){nearest(upsample, d, at), 1};
    return 1;
  }
  const bool cubic = upsample->filter == PT2__UPSAMPLE_CUBIC;
  // PyTorch takes equal sizes for a copy, whatever the scale.
  if (!cubic && upsample->input[d] == upsample->output[d]) {
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
  if (!cubic) {
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

void pt2__upsample_place(const pt2__upsample_t* upsample, int d, int64_t at,
                         bool in_double, int64_t* out_first,
                         int64_t* out_second, double* out_share) {
  pt2__upsample_tap_t taps[4];
  int count = pt2__upsample_taps(upsample, d, at, in_double, taps);
  *out_first = taps[0].at;
  *out_second = count > 1 ? taps[1].at : taps[0].at;
  *out_share = count > 1 ? taps[1].weight : 0;
}
