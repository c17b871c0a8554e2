// SPDX-License-Identifier: Apache-2.0
//
// A convolution of integers is a product of the input's patches, put together
// for a block of results at a time, and the weight; qdepthwise.c has those of
// each channel by itself.
#include "backends/cpu/kernels/quantized/qconv.h"

#include <string.h>

#include "backends/cpu/kernels/convolution/convolution.h"
#include "backends/cpu/kernels/quantized/qdepthwise.h"
#include "backends/cpu/kernels/quantized/qgemm.h"
#include "backends/cpu/kernels/quantized/qimage.h"
#include "backends/cpu/kernels/quantized/qlayer.h"
#include "backends/cpu/kernels/quantized/qscales.h"
#include "backends/cpu/kernels/quantized/requantize.h"

typedef struct {
  const pt2__quantized_args_t* args;
  pt2__quantized_t q;
  pt2__conv_t conv;  // a 1-d one as 2-d
  pt2__requantize_t finish;
  pt2__qscales_t scales;
  pt2_tensor_t* input;  // channels last
  uint8_t* padding;     // a line of the input's zero points
  pt2_tensor_t* out;    // channels last
  int64_t result_strides[5];
} conv_t;

// On to the next row.
static void advance(const pt2__conv_t* conv, int64_t* at) {
  for (int i = 2; i >= 0; --i) {
    if (++at[1 + i] < conv->output[i]) {
      return;
    }
    at[1 + i] = 0;
  }
  ++at[0];
}

// The input below tap (d, h, w) of the result at |at|; false: it is padding.
static bool tap_offset(const pt2__conv_t* conv, const int64_t* at,
                       const int64_t* tap, int64_t* out_pixel) {
  int64_t pixel = at[0];
  for (int i = 0; i < 3; ++i) {
    int64_t x = at[1 + i] * conv->stride[i] - conv->padding[i] +
                tap[i] * conv->dilation[i];
    if (x < 0 || x >= conv->input[i]) {
      return false;
    }
    pixel = pixel * conv->input[i] + x;
  }
  *out_pixel = pixel;
  return true;
}

// ---- Patches ---------------------------------------------------------------

// Runs of bytes that are copied with one call.
#define RUNS 64

typedef struct {
  const conv_t* call;
  pt2__qimage_t image;
  int64_t group;
  int64_t pitch;  // of a patch: its bytes and zeros behind them
  // Pixels of a line of results whose taps all lie inside, [first, last).
  int64_t first, last;
} gather_t;

static int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }

static pt2__qimage_t image_of(const conv_t* call) {
  return (pt2__qimage_t){&call->conv, call->input->data, call->padding};
}

static gather_t make_gather(const conv_t* call, int64_t group, int64_t pitch) {
  const pt2__conv_t* conv = &call->conv;
  int64_t stride = conv->stride[2], padding = conv->padding[2];
  int64_t reach = (conv->kernel[2] - 1) * conv->dilation[2];
  int64_t most = conv->input[2] - 1 - reach + padding;
  gather_t made = {.call = call,
                   .image = image_of(call),
                   .group = group,
                   .pitch = pitch,
                   .first = (padding + stride - 1) / stride};
  made.last = most < 0 ? 0 : min64(most / stride + 1, conv->output[2]);
  made.first = min64(made.first, made.last);
  return made;
}

// Whether all taps' channels of a row of the kernel lie side by side.
static bool has_lines(const pt2__conv_t* conv) {
  return conv->groups == 1 && conv->dilation[2] == 1;
}

// Taps of one row of the kernel that lie inside, [first, last).
static void inside(const pt2__conv_t* conv, int64_t x, int64_t* first,
                   int64_t* last) {
  int64_t from = x < 0 ? -x : 0;
  int64_t until = conv->input[2] - x;
  *first = from < conv->kernel[2] ? from : conv->kernel[2];
  *last = until < *first            ? *first
          : until < conv->kernel[2] ? until
                                    : conv->kernel[2];
}

// A patch whose rows of the kernel each have all taps' channels side by side.
static void gather_lines(const conv_t* call, const int64_t* at, uint8_t* to) {
  const pt2__conv_t* conv = &call->conv;
  const int64_t channels = conv->channels_in;
  const int64_t line = conv->input[2] * channels;
  const int64_t width = conv->kernel[2] * channels;
  const uint8_t pad = (uint8_t)call->q.input_zero_point;
  const int64_t x = at[3] * conv->stride[2] - conv->padding[2];
  int64_t first, last;
  inside(conv, x, &first, &last);
  const int64_t before = first * channels, count = (last - first) * channels;
  const uint8_t* image = (const uint8_t*)call->input->data +
                         at[0] * conv->input[0] * conv->input[1] * line +
                         (x + first) * channels;
  int64_t z = at[1] * conv->stride[0] - conv->padding[0];
  for (int64_t d = 0; d < conv->kernel[0]; ++d, z += conv->dilation[0]) {
    int64_t y = at[2] * conv->stride[1] - conv->padding[1];
    for (int64_t h = 0; h < conv->kernel[1];
         ++h, y += conv->dilation[1], to += width) {
      if (z < 0 || z >= conv->input[0] || y < 0 || y >= conv->input[1]) {
        memset(to, pad, (size_t)width);
        continue;
      }
      if (count < width) {
        memset(to, pad, (size_t)width);
      }
      memcpy(to + before, image + (z * conv->input[1] + y) * line,
             (size_t)count);
    }
  }
}

static void gather_tap(const conv_t* call, const int64_t* at,
                       const int64_t* tap, int64_t channel, int64_t channels,
                       uint8_t* to) {
  int64_t pixel;
  if (tap_offset(&call->conv, at, tap, &pixel)) {
    memcpy(to,
           (const uint8_t*)call->input->data + pixel * call->conv.channels_in +
               channel,
           (size_t)channels);
  } else {
    memset(to, (uint8_t)call->q.input_zero_point, (size_t)channels);
  }
}

// One patch, of which some taps may be padding.
static void gather_any(const gather_t* p, const int64_t* at, uint8_t* to) {
  const pt2__conv_t* conv = &p->call->conv;
  int64_t channels = conv->channels_in / conv->groups;
  int64_t taps = conv->kernel[0] * conv->kernel[1] * conv->kernel[2];
  memset(to + taps * channels, 0, (size_t)(p->pitch - taps * channels));
  if (has_lines(conv)) {
    gather_lines(p->call, at, to);
    return;
  }
  int64_t tap[3];
  for (tap[0] = 0; tap[0] < conv->kernel[0]; ++tap[0]) {
    for (tap[1] = 0; tap[1] < conv->kernel[1]; ++tap[1]) {
      for (tap[2] = 0; tap[2] < conv->kernel[2]; ++tap[2], to += channels) {
        gather_tap(p->call, at, tap, p->group * channels, channels, to);
      }
    }
  }
}

// |count| patches whose taps beside each other all lie inside.
static void gather_whole(const gather_t* p, const int64_t* at, int64_t count,
                         uint8_t* to) {
  const pt2__conv_t* conv = &p->call->conv;
  int64_t channels = conv->channels_in / conv->groups;
  int64_t lines = conv->kernel[0] * conv->kernel[1];
  int64_t each = has_lines(conv) ? 1 : conv->kernel[2];
  int64_t left = lines * each;
  int64_t at_first =
      (at[3] * conv->stride[2] - conv->padding[2]) * conv->channels_in +
      p->group * channels;
  const uint8_t* from[RUNS];
  pt2__qlayer_runs_t runs = {.from = from,
                             .bytes = channels * (conv->kernel[2] / each),
                             .step = conv->stride[2] * conv->channels_in,
                             .count = count,
                             .pitch = p->pitch,
                             .to = to};
  for (int64_t i = 0; i < lines; ++i) {
    const uint8_t* line = pt2__qimage_line(&p->image, at, i) + at_first;
    for (int64_t j = 0; j < each; ++j) {
      from[runs.runs++] = line + j * conv->dilation[2] * conv->channels_in;
      if (runs.runs < RUNS && runs.runs < left) {
        continue;
      }
      left -= runs.runs;
      int64_t bytes = runs.runs * runs.bytes;
      runs.zeros = left == 0 ? to + p->pitch - (runs.to + bytes) : 0;
      pt2__qlayer_kernels()->runs(&runs);
      runs.to += bytes;
      runs.runs = 0;
    }
  }
}

static void gather(const void* context, int64_t row, int64_t count,
                   uint8_t* to) {
  const gather_t* p = context;
  const pt2__conv_t* conv = &p->call->conv;
  int64_t at[4];
  pt2__qimage_locate(conv, row, at);
  while (count > 0) {
    int64_t done = 1;
    if (at[3] >= p->first && at[3] < p->last) {
      done = min64(count, p->last - at[3]);
      gather_whole(p, at, done, to);
    } else {
      gather_any(p, at, to);
    }
    to += done * p->pitch;
    count -= done;
    at[3] += done - 1;
    advance(conv, at);
  }
}

static bool is_pointwise(const pt2__conv_t* conv) {
  for (int i = 0; i < 3; ++i) {
    if (conv->kernel[i] != 1 || conv->stride[i] != 1 || conv->padding[i] != 0) {
      return false;
    }
  }
  return true;
}

static pt2_status_t run_group(const conv_t* call,
                              const pt2__qgemm_weight_t* weight,
                              int64_t group) {
  const pt2__conv_t* conv = &call->conv;
  pt2__requantize_t finish = call->finish;
  int64_t first = group * weight->n;
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(finish.dtype);
  finish.scales += first;
  finish.bias = finish.bias == NULL ? NULL : finish.bias + first;
  finish.weight_sums = weight->sums + first;
  finish.out = (char*)finish.out + first * bytes;
  finish.other = finish.other == NULL ? NULL : finish.out;
  const gather_t patches = make_gather(call, group, weight->k);
  int64_t channels = conv->channels_in / conv->groups;
  pt2__qgemm_t product = {
      .m = pt2__qimage_rows(conv),
      .n = weight->n,
      .k = weight->k,
      .panels = weight->panels + weight->group_bytes * (size_t)group,
      .reach = weight->reach,
      .finish_rows = pt2__requantize_sums,
      .finish_context = &finish};
  if (is_pointwise(conv)) {
    product.a = (const uint8_t*)call->input->data + group * channels;
    product.a_rs = conv->channels_in;
  } else {
    product.gather = gather;
    product.gather_context = &patches;
  }
  return pt2__qgemm(&product);
}

static pt2_status_t run_groups(const conv_t* call) {
  const pt2__qgemm_weight_t* weight = NULL;
  pt2__qgemm_weight_t* owned = NULL;
  PT2_TRY((is_pointwise(&call->conv) ? pt2__qgemm_weight_get
                                     : pt2__qgemm_weight_get_filled)(
      call->args->weight, call->conv.groups, &weight, &owned));
  pt2_status_t status = PT2_STATUS_OK;
  for (int64_t g = 0; g < call->conv.groups && status == PT2_STATUS_OK; ++g) {
    status = run_group(call, weight, g);
  }
  pt2__qgemm_weight_release(owned);
  return status;
}

// ---- Floating point of 8 bits ----------------------------------------------

typedef struct {
  pt2_tensor_t* x;
  pt2_tensor_t* weight;
  pt2_tensor_t* bias;
  pt2_tensor_t* y;
} f8_work_t;

static pt2_status_t convolve_f8(const conv_t* call, f8_work_t* work) {
  const pt2__conv_t* conv = &call->conv;
  const pt2_tensor_t* weight = call->args->weight;
  PT2_TRY(pt2__tensor_empty_like(call->input, PT2_DTYPE_F32, &work->x));
  PT2_TRY(pt2__tensor_copy(work->x, call->input));
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_F32, weight->rank, weight->sizes, NULL,
                            &work->weight));
  PT2_TRY(pt2__tensor_copy(work->weight, weight));
  if (call->args->bias != NULL) {
    PT2_TRY(pt2__tensor_to_contiguous(call->args->bias, PT2_DTYPE_F32,
                                      &work->bias));
  }
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_F32, conv->rank, conv->out_sizes,
                            conv->out_strides, &work->y));
  pt2__qscales_apply(work->x->data, 1, work->x->numel, &call->q.input_scale, 1);
  pt2__qscales_apply(work->weight->data, weight->sizes[0],
                     weight->numel / weight->sizes[0], call->scales.weight,
                     weight->sizes[0]);
  PT2_TRY(pt2__conv_forward(conv, work->x, work->weight, work->bias, NULL,
                            work->y));
  int64_t rows = pt2__qimage_rows(conv);
  int threads = pt2__op_threads(rows * conv->channels_out * 4);
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int64_t row = 0; row < rows; ++row) {
    pt2__requantize_values(&call->finish,
                           (float*)work->y->data + row * conv->channels_out,
                           conv->channels_out, row, 0);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t run_f8(const conv_t* call) {
  f8_work_t work = {0};
  pt2_status_t status = convolve_f8(call, &work);
  pt2__tensor_release(work.x);
  pt2__tensor_release(work.weight);
  pt2__tensor_release(work.bias);
  pt2__tensor_release(work.y);
  return status;
}

// ---- The call --------------------------------------------------------------

// A 1-d input or geometry as 2-d, with a height of one.
typedef struct {
  pt2_tensor_t input;
  pt2_tensor_t weight;
  pt2_tensor_t bias;
  int64_t dims[8];
  int64_t lists[6];
  pt2__conv_args_t args;
} as_2d_t;

static pt2__int_list_t lift(pt2__int_list_t list, int64_t first,
                            int64_t* values) {
  values[0] = first;
  values[1] = list.values[0];
  return (pt2__int_list_t){values, 2};
}

static pt2_status_t check_list(pt2__int_list_t list, const char* name,
                               int64_t dims) {
  PT2_OP_CHECK(list.values != NULL && list.count == dims,
               "%s should contain %lld elements for %lldD convolution, but has "
               "%lld",
               name, (long long)dims, (long long)dims, (long long)list.count);
  return PT2_STATUS_OK;
}

// The strides that PyTorch gives the result: with channels last, but of float8
// those of its convolution of floats, |resolved|, which takes an input whose
// channels-last strides are ambiguous for a plain one.
static void set_result_strides(conv_t* call, const pt2__conv_t* resolved) {
  pt2__conv_t* conv = &call->conv;
  pt2__sizes_channels_last_strides(conv->rank, conv->out_sizes,
                                   conv->out_strides);
  bool as_floats = call->q.is_f8 && call->q.binary == PT2__QUANTIZED_NONE;
  memcpy(call->result_strides,
         as_floats ? resolved->out_strides : conv->out_strides,
         sizeof(call->result_strides));
}

// Resolves the geometry as that of a float convolution of the input with
// channels last.
static pt2_status_t resolve(conv_t* call, const pt2__conv_args_t* geometry) {
  const pt2_tensor_t* input = call->args->input;
  const pt2_tensor_t* bias = call->args->bias;
  int64_t dims = input->rank - 2;
  PT2_TRY(check_list(geometry->stride, "stride", dims));
  PT2_TRY(check_list(geometry->padding, "padding", dims));
  PT2_TRY(check_list(geometry->dilation, "dilation", dims));
  as_2d_t as = {
      .input = *input, .weight = *call->args->weight, .args = *geometry};
  as.input.dtype = as.weight.dtype = PT2_DTYPE_F32;
  if (bias != NULL) {
    as.bias = *bias;
    as.bias.dtype = PT2_DTYPE_F32;
  }
  if (dims == 1) {
    const int64_t lifted[8] = {input->sizes[0],
                               input->sizes[1],
                               1,
                               input->sizes[2],
                               input->strides[0],
                               input->strides[1],
                               input->sizes[2] * input->strides[2],
                               input->strides[2]};
    memcpy(as.dims, lifted, sizeof(lifted));
    as.input.rank = 4;
    as.input.sizes = as.dims;
    as.input.strides = as.dims + 4;
    as.args.stride = lift(geometry->stride, 1, as.lists);
    as.args.padding = lift(geometry->padding, 0, as.lists + 2);
    as.args.dilation = lift(geometry->dilation, 1, as.lists + 4);
  }
  int64_t strides[5];
  if (!pt2__tensor_is_channels_last(&as.input)) {
    pt2__sizes_channels_last_strides(as.input.rank, as.input.sizes, strides);
    as.input.strides = strides;
  }
  const pt2__conv_host_t host = {.always_onednn = true, .threads = true};
  pt2__conv_t resolved;
  PT2_TRY(pt2__conv_resolve(&as.input, &as.weight,
                            bias == NULL ? NULL : &as.bias, &as.args, &host,
                            &resolved));
  call->conv = resolved;
  call->conv.channels_last = true;
  set_result_strides(call, &resolved);
  return PT2_STATUS_OK;
}

// The input with channels last, of 4 or 5 dimensions.
static pt2_status_t prepare_input(conv_t* call) {
  const pt2_tensor_t* input = call->args->input;
  const pt2__conv_t* conv = &call->conv;
  int64_t sizes[5] = {input->sizes[0], input->sizes[1], 1,
                      input->sizes[input->rank - 1], 0};
  int64_t strides[5] = {input->strides[0], input->strides[1], 0,
                        input->strides[input->rank - 1], 0};
  if (input->rank > 3) {
    memcpy(sizes, input->sizes, sizeof(*sizes) * (size_t)input->rank);
    memcpy(strides, input->strides, sizeof(*strides) * (size_t)input->rank);
  }
  pt2_tensor_t* view = NULL;
  PT2_TRY(pt2__tensor_view(input, conv->rank, sizes, strides,
                           input->storage_offset, &view));
  if (pt2__tensor_is_channels_last(view)) {
    call->input = view;
    return PT2_STATUS_OK;
  }
  pt2__sizes_channels_last_strides(conv->rank, sizes, strides);
  pt2_status_t status =
      pt2__tensor_empty(input->dtype, conv->rank, sizes, strides, &call->input);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(call->input, view);
  }
  pt2__tensor_release(view);
  return status;
}

static size_t line_bytes(const conv_t* call) {
  return (size_t)(call->conv.input[2] * call->conv.channels_in) + 1;
}

static pt2_status_t make_padding(conv_t* call) {
  size_t bytes = line_bytes(call);
  call->padding = pt2__pool_alloc(bytes);
  if (call->padding == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  memset(call->padding, (uint8_t)call->q.input_zero_point, bytes);
  return PT2_STATUS_OK;
}

static pt2_status_t compute(conv_t* call) {
  const pt2__quantized_args_t* args = call->args;
  const pt2__quantized_t* q = &call->q;
  const pt2__conv_t* conv = &call->conv;
  PT2_TRY(prepare_input(call));
  PT2_TRY(pt2__qscales_make(args->weight_scales, args->bias, conv->channels_out,
                            q->is_f8 ? 1 : q->input_scale, &call->scales));
  pt2__requantize_t* finish = &call->finish;
  finish->input_zero_point = q->input_zero_point;
  finish->scales = call->scales.weight;
  finish->bias = call->scales.bias;
  finish->scale = q->output_scale;
  finish->zero_point = q->output_zero_point;
  finish->dtype = q->dtype;
  finish->plain = q->is_f8;
  finish->out = call->out->data;
  finish->row_stride = conv->channels_out;
  if (q->binary == PT2__QUANTIZED_SUM) {
    finish->other = finish->out;
    finish->other_dtype = q->dtype;
    finish->other_scale = q->other_scale;
    finish->other_zero_point = q->is_f8 ? 0 : (float)q->other_zero_point;
  }
  if (q->is_f8) {
    return run_f8(call);
  }
  PT2_TRY(make_padding(call));
  bool depthwise = conv->groups > 1 && conv->groups == conv->channels_in &&
                   conv->groups == conv->channels_out;
  const pt2__qimage_t image = image_of(call);
  return depthwise ? pt2__qdepthwise(&image, args->weight, finish)
                   : run_groups(call);
}

static pt2_status_t check_accum(const conv_t* call) {
  const pt2_tensor_t* other = call->args->other;
  const pt2__conv_t* conv = &call->conv;
  char have[128], want[128];
  PT2_OP_CHECK(
      other->rank == conv->rank &&
          memcmp(other->sizes, conv->out_sizes,
                 sizeof(*other->sizes) * (size_t)conv->rank) == 0,
      "the accum tensor has sizes %s, expected %s",
      pt2__sizes_format(other->rank, other->sizes, have, sizeof(have)),
      pt2__sizes_format(conv->rank, conv->out_sizes, want, sizeof(want)));
  return PT2_STATUS_OK;
}

// The result of a 1-d convolution loses its height. Takes |result|.
static pt2_status_t shape_result(const conv_t* call, pt2_tensor_t* result,
                                 pt2_tensor_t** out_result) {
  if (call->args->input->rank != 3) {
    *out_result = result;
    return PT2_STATUS_OK;
  }
  const int64_t* sizes = call->conv.out_sizes;
  const int64_t* strides = call->result_strides;
  const int64_t flat[3] = {sizes[0], sizes[1], sizes[3]};
  const int64_t flat_strides[3] = {strides[0], strides[1], strides[3]};
  pt2_status_t status =
      pt2__tensor_view(result, 3, flat, flat_strides, 0, out_result);
  pt2__tensor_release(result);
  return status;
}

// Computes into |call->out|, and copies it to |result| where that is another.
static pt2_status_t fill(conv_t* call, pt2_tensor_t* result) {
  if (call->out->numel == 0) {
    return PT2_STATUS_OK;
  }
  PT2_TRY(compute(call));
  return call->out->storage == result->storage
             ? PT2_STATUS_OK
             : pt2__tensor_copy(result, call->out);
}

// What the kernels write: the operand of a sum, |result| or, where that has
// other strides, a tensor of its own.
static pt2_status_t choose_out(conv_t* call, pt2_tensor_t* result) {
  const pt2__conv_t* conv = &call->conv;
  if (call->q.binary != PT2__QUANTIZED_NONE) {
    return pt2__tensor_alias(call->args->other, &call->out);
  }
  if (memcmp(call->result_strides, conv->out_strides,
             sizeof(*conv->out_strides) * (size_t)conv->rank) == 0) {
    return pt2__tensor_alias(result, &call->out);
  }
  return pt2__tensor_empty(call->q.dtype, conv->rank, conv->out_sizes,
                           conv->out_strides, &call->out);
}

static pt2_status_t run(conv_t* call, pt2_tensor_t** out_result) {
  const pt2__conv_t* conv = &call->conv;
  if (call->q.binary != PT2__QUANTIZED_NONE) {
    PT2_TRY(check_accum(call));
  }
  // PyTorch returns a copy of the sum, too. Made first, so that nothing fails
  // after the operand has changed.
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(call->q.dtype, conv->rank, conv->out_sizes,
                            call->result_strides, &result));
  pt2_status_t status = choose_out(call, result);
  if (status == PT2_STATUS_OK) {
    status = fill(call, result);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  return shape_result(call, result, out_result);
}

pt2_status_t pt2__qconv(const pt2__quantized_args_t* args,
                        const pt2__conv_args_t* geometry,
                        pt2_tensor_t** out_result) {
  conv_t call = {.args = args};
  PT2_TRY(pt2__quantized_conv(args, &call.q));
  PT2_TRY(pt2__pointwise_parse_unary(args->unary, args->scalars,
                                     args->scalar_count, args->algorithm,
                                     &call.finish.pointwise));
  PT2_TRY(resolve(&call, geometry));
  pt2_status_t status = run(&call, out_result);
  pt2__qscales_release(&call.scales);
  if (call.padding != NULL) {
    pt2__pool_free(call.padding, line_bytes(&call));
  }
  pt2__tensor_release(call.input);
  pt2__tensor_release(call.out);
  return status;
}
