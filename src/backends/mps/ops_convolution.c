// SPDX-License-Identifier: Apache-2.0
//
// aten::convolution. What the kernels do not do (other dtypes, nothing to
// compute, wrong arguments) is the cpu's, and so are its complaints. Either way
// the result lies in memory as PyTorch's mps lays it out: models have those
// strides compiled in.
#include <string.h>

#include "backends/mps/mps.h"

// Sizes and parameters beyond this are the cpu's, so that a sum of two is an
// int32.
#define LARGEST (INT32_MAX / 2)
// A threadgroup of all kernels but the direct one is SIDE x SIDE.
#define SIDE 16
// A group of no more output channels is computed directly.
#define DIRECT_CHANNELS 4
// With fewer threadgroups than this, smaller tiles keep more of a GPU busy.
#define BUSY_TILES 64

// The kernels' struct of the same name (kernels/convolution.metal), where its
// fields are explained.
typedef struct {
  int32_t transposed;
  int32_t x_by_channel;
  int32_t y_by_channel;
  int32_t use_bias;
  int32_t batch, groups;
  int32_t channels_in, channels_out;
  int32_t input[3];
  int32_t kernel_size[3];
  int32_t output[3];
  int32_t stride[3];
  int32_t padding[3];
  int32_t dilation[3];
  int32_t phases[3];
  int32_t divisor[3];
  int32_t period[3];
  int32_t inverse[3];
  int64_t x[5];
  int64_t w[5];
  int64_t y[5];
  int64_t w_group;
  int64_t bias;
} convolution_t;

typedef struct {
  const int64_t* values;
  int64_t count;
} list_t;

typedef struct {
  AtenTensorHandle input, weight, bias;  // bias: NULL if there is none
  list_t stride, padding, dilation, output_padding;
  bool transposed;
  int64_t groups;
} call_t;

typedef struct {
  pt2__mps_view_t x, w, b;
  int64_t sizes[5];  // of the result
  int64_t strides[5];
  convolution_t g;
} plan_t;

// ---- How the result lies ----------------------------------------------------

static void channels_last_strides(int rank, const int64_t* sizes,
                                  int64_t* strides) {
  strides[1] = 1;
  int64_t step = sizes[1];
  for (int d = rank - 1; d >= 2; --d) {
    strides[d] = step;
    step *= sizes[d];
  }
  strides[0] = step;
}

// A size of 0 counts as such, unlike in pt2__mps_make.
static void contiguous_strides(int rank, const int64_t* sizes,
                               int64_t* strides) {
  int64_t step = 1;
  for (int d = rank - 1; d >= 0; --d) {
    strides[d] = step;
    step *= sizes[d];
  }
}

// Whether PyTorch sees a tensor of 4 or 5 dimensions as channels last: packed
// that way to the last stride, and not of a single number, which is both.
static bool is_channels_last(int rank, const int64_t* sizes,
                             const int64_t* strides) {
  int64_t wanted[5];
  channels_last_strides(rank, sizes, wanted);
  return memcmp(strides, wanted, sizeof(*strides) * (size_t)rank) == 0 &&
         wanted[0] > 1;
}

static bool looks_channels_last(const pt2__mps_view_t* view) {
  if (view->rank != 3) {
    return is_channels_last((int)view->rank, view->sizes, view->strides);
  }
  // With a height of one, as PyTorch runs it.
  const int64_t sizes[4] = {view->sizes[0], view->sizes[1], 1, view->sizes[2]};
  const int64_t strides[4] = {view->strides[0], view->strides[1],
                              view->sizes[2] * view->strides[2],
                              view->strides[2]};
  return is_channels_last(4, sizes, strides);
}

// Of tensors with 3 to 5 dimensions.
static bool wants_channels_last(const pt2__mps_view_t* x,
                                const pt2__mps_view_t* w) {
  // PyTorch makes a 1-d input contiguous before it looks.
  return (looks_channels_last(x) &&
          (x->rank != 3 || pt2__mps_is_contiguous(x))) ||
         looks_channels_last(w);
}

static void set_strides(const pt2__mps_view_t* x, const pt2__mps_view_t* w,
                        const int64_t* sizes, int64_t* strides) {
  if (wants_channels_last(x, w)) {
    channels_last_strides((int)x->rank, sizes, strides);
  } else {
    contiguous_strides((int)x->rank, sizes, strides);
  }
}

// ---- What is to be computed -------------------------------------------------

// Spreads |list| over the last |dims| of three numbers; false if it does not
// fit, or a value is none that the kernels take.
static bool expand(list_t list, int dims, int32_t fill, int64_t least,
                   int32_t out[3]) {
  if ((list.count != 1 && list.count != dims) || list.values == NULL) {
    return false;
  }
  for (int i = 0; i < 3; ++i) {
    int at = i - (3 - dims);
    int64_t value = at < 0 ? fill : list.values[list.count == 1 ? 0 : at];
    if (value < least || value > LARGEST) {
      return false;
    }
    out[i] = (int32_t)value;
  }
  return true;
}

// False if |*product| times |factor|, neither negative, is too large.
static bool multiply(int64_t* product, int64_t factor) {
  if (factor > LARGEST || *product > LARGEST / (factor > 0 ? factor : 1)) {
    return false;
  }
  *product *= factor;
  return true;
}

static bool describe_tensors(const call_t* call, plan_t* p) {
  pt2__mps_view_t *x = &p->x, *w = &p->w, *b = &p->b;
  if (!pt2__mps_view(call->input, x) || !pt2__mps_view(call->weight, w) ||
      x->rank < 3 || x->rank > 5 || w->rank != x->rank ||
      w->dtype != x->dtype || !pt2__mps_is_float(x->dtype) || x->numel == 0 ||
      w->numel == 0) {
    return false;
  }
  for (int d = 0; d < x->rank; ++d) {
    if (x->sizes[d] > LARGEST || w->sizes[d] > LARGEST) {
      return false;
    }
  }
  if (call->groups < 1 || call->groups > w->sizes[0] ||
      w->sizes[0] % call->groups != 0) {
    return false;
  }
  int64_t one = w->sizes[0] / call->groups;
  int64_t in = call->transposed ? one : w->sizes[1];
  int64_t out = call->transposed ? w->sizes[1] : one;
  if (x->sizes[1] != in * call->groups || out * call->groups > LARGEST) {
    return false;
  }
  p->sizes[0] = x->sizes[0];
  p->sizes[1] = out * call->groups;
  convolution_t* g = &p->g;
  g->batch = (int32_t)x->sizes[0];
  g->groups = (int32_t)call->groups;
  g->channels_in = (int32_t)in;
  g->channels_out = (int32_t)out;
  g->use_bias = call->bias != NULL;
  return call->bias == NULL ||
         (pt2__mps_view(call->bias, b) && b->dtype == x->dtype &&
          b->rank == 1 && b->sizes[0] == p->sizes[1]);
}

// The number that times |value| is 1 more than a multiple of |period|, which
// has no divisor in common with it.
static int64_t inverse_of(int64_t value, int64_t period) {
  int64_t rest = period, next_rest = value % period;
  int64_t times = 0, next_times = 1;
  while (next_rest != 0) {
    int64_t quotient = rest / next_rest;
    int64_t later = rest - quotient * next_rest;
    rest = next_rest;
    next_rest = later;
    later = times - quotient * next_times;
    times = next_times;
    next_times = later;
  }
  return times < 0 ? times + period : times;
}

static int32_t common_divisor(int32_t a, int32_t b) {
  while (b != 0) {
    int32_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

// One dimension of the result; false if it is the cpu's.
static bool describe_output(convolution_t* g, int i, int32_t output_padding) {
  int64_t reach = (int64_t)g->dilation[i] * (g->kernel_size[i] - 1);
  int64_t paddings = 2 * (int64_t)g->padding[i];
  int64_t output;
  if (g->transposed == 0) {
    int64_t last = g->input[i] + paddings - reach - 1;
    output = last < 0 ? 0 : last / g->stride[i] + 1;
  } else {
    output = (int64_t)(g->input[i] - 1) * g->stride[i] - paddings + reach +
             output_padding + 1;
  }
  if (output < 1 || reach > LARGEST || g->input[i] + paddings > LARGEST ||
      output + paddings > LARGEST ||
      (g->transposed != 0 && output_padding >= g->stride[i] &&
       output_padding >= g->dilation[i])) {
    return false;
  }
  g->output[i] = (int32_t)output;
  g->phases[i] = 1;
  if (g->transposed != 0) {
    g->phases[i] = g->stride[i] < output ? g->stride[i] : (int32_t)output;
    g->divisor[i] = common_divisor(g->stride[i], g->dilation[i]);
    g->period[i] = g->stride[i] / g->divisor[i];
    g->inverse[i] =
        (int32_t)inverse_of(g->dilation[i] / g->divisor[i], g->period[i]);
  }
  return true;
}

static bool describe_space(const call_t* call, plan_t* p) {
  convolution_t* g = &p->g;
  int dims = (int)p->x.rank - 2;
  int32_t output_padding[3] = {0, 0, 0};
  g->transposed = call->transposed;
  if (!expand(call->stride, dims, 1, 1, g->stride) ||
      !expand(call->padding, dims, 0, 0, g->padding) ||
      !expand(call->dilation, dims, 1, 1, g->dilation) ||
      (call->output_padding.count != 0 &&
       !expand(call->output_padding, dims, 0, 0, output_padding))) {
    return false;
  }
  int64_t results = g->batch, terms = g->channels_in;
  int64_t copies = g->groups;
  for (int i = 0; i < 3; ++i) {
    int at = i - 3 + (int)p->x.rank;
    g->input[i] = at < 2 ? 1 : (int32_t)p->x.sizes[at];
    g->kernel_size[i] = at < 2 ? 1 : (int32_t)p->w.sizes[at];
    if (!describe_output(g, i, output_padding[i]) ||
        !multiply(&results, g->output[i]) ||
        !multiply(&terms, g->kernel_size[i]) ||
        !multiply(&copies, g->phases[i])) {
      return false;
    }
    if (at >= 2) {
      p->sizes[at] = g->output[i];
    }
  }
  return true;
}

static void spread_strides(int rank, const int64_t* strides, int64_t out[5]) {
  out[0] = strides[0];
  out[1] = strides[1];
  for (int i = 0; i < 3; ++i) {
    int at = i - 3 + rank;
    out[2 + i] = at < 2 ? 0 : strides[at];
  }
}

static void describe_memory(plan_t* p) {
  convolution_t* g = &p->g;
  int rank = (int)p->x.rank;
  set_strides(&p->x, &p->w, p->sizes, p->strides);
  spread_strides(rank, p->x.strides, g->x);
  spread_strides(rank, p->w.strides, g->w);
  spread_strides(rank, p->strides, g->y);
  g->w_group =
      g->w[0] * (g->transposed != 0 ? g->channels_in : g->channels_out);
  if (g->transposed != 0) {
    int64_t of_input = g->w[0];
    g->w[0] = g->w[1];
    g->w[1] = of_input;
  }
  g->bias = g->use_bias != 0 ? p->b.strides[0] : 0;
  g->x_by_channel = g->channels_in > 1 && g->x[1] < g->x[4];
  g->y_by_channel = g->y[1] < g->y[4];
}

static bool describe(const call_t* call, plan_t* p) {
  *p = (plan_t){0};
  if (!describe_tensors(call, p) || !describe_space(call, p)) {
    return false;
  }
  describe_memory(p);
  return true;
}

// ---- Which kernel -----------------------------------------------------------

typedef struct {
  const char* name;
  int64_t rows, columns;  // of a tile; 0: it has none
} variant_t;

static const variant_t square = {"convolution_square", 64, 64};
static const variant_t wide = {"convolution_wide", 32, 128};
static const variant_t small = {"convolution_small", 32, 32};
static const variant_t direct = {"convolution_direct", 0, 0};

// Results of a phase, without channels.
static int64_t count_columns(const convolution_t* g) {
  int64_t count = g->batch;
  for (int i = 0; i < 3; ++i) {
    count *= (g->output[i] - 1) / g->phases[i] + 1;
  }
  return count;
}

static int64_t count_copies(const convolution_t* g) {
  return (int64_t)g->phases[0] * g->phases[1] * g->phases[2];
}

static const variant_t* choose(const convolution_t* g) {
  if (g->channels_out <= DIRECT_CHANNELS) {
    return &direct;
  }
  const variant_t* large = g->channels_out <= wide.rows ? &wide : &square;
  int64_t tiles = pt2__mps_divide_up(g->channels_out, large->rows) *
                  pt2__mps_divide_up(count_columns(g), large->columns);
  return tiles >= pt2__mps_divide_up(BUSY_TILES, g->groups * count_copies(g))
             ? large
             : &small;
}

static pt2_status_t dispatch(const variant_t* variant, const convolution_t* g,
                             const pt2__mps_kernel_t* kernel) {
  uint64_t columns = (uint64_t)count_columns(g);
  uint64_t copies = (uint64_t)count_copies(g);
  uint64_t groups = (uint64_t)g->groups;
  if (variant == &direct) {
    uint64_t channels = groups * (uint64_t)g->channels_out;
    bool by_channel = g->y_by_channel != 0;
    uint64_t threads[3] = {by_channel ? channels : columns,
                           by_channel ? columns : channels, copies};
    uint64_t group[3] = {32, 8, 1};
    return pt2__mps_encode_dispatch(kernel, threads, 3, group, 3);
  }
  uint64_t rows = (uint64_t)g->channels_out;
  uint64_t threads[3] = {
      (uint64_t)pt2__mps_divide_up((int64_t)columns, variant->columns) * SIDE,
      (uint64_t)pt2__mps_divide_up((int64_t)rows, variant->rows) * SIDE,
      groups * copies};
  uint64_t group[3] = {SIDE, SIDE, 1};
  return pt2__mps_encode_dispatch(kernel, threads, 3, group, 3);
}

// ---- The call ---------------------------------------------------------------

static pt2_status_t encode(const call_t* call, const variant_t* variant,
                           const convolution_t* g, AtenTensorHandle result,
                           pt2__mps_kernel_t* kernel) {
  PT2__MPS_TRY(pt2__mps_encode_begin(kernel));
  PT2__MPS_TRY(pt2__mps_encode_tensor(0, result));
  PT2__MPS_TRY(pt2__mps_encode_tensor(1, call->input));
  PT2__MPS_TRY(pt2__mps_encode_tensor(2, call->weight));
  PT2__MPS_TRY(pt2__mps_encode_tensor(
      3, call->bias != NULL ? call->bias : call->weight));
  PT2__MPS_TRY(pt2__mps_encode_bytes(4, g, sizeof(*g)));
  return dispatch(variant, g, kernel);
}

static pt2_status_t convolve(const call_t* call, plan_t* p,
                             AtenTensorHandle* out) {
  const variant_t* variant = choose(&p->g);
  // Of less than a simdgroup of channels neighbours are too far apart.
  if (variant == &direct && p->sizes[1] < 32) {
    p->g.y_by_channel = 0;
  }
  pt2__mps_kernel_t* kernel = NULL;
  AtenTensorHandle result = NULL;
  PT2__MPS_TRY(pt2__mps_own_kernel(pt2__mps_convolution_source, p->x.dtype,
                                   variant->name, &kernel));
  PT2__MPS_TRY(pt2__mps_make_strided(p->x.rank, p->sizes, p->strides,
                                     p->x.dtype, &result));
  pt2__mps_lock();
  pt2_status_t status = encode(call, variant, &p->g, result, kernel);
  pt2__mps_unlock();
  if (status != PT2_STATUS_OK) {
    pt2__mps_delete(result);
    return status;
  }
  *out = result;
  return PT2_STATUS_OK;
}

// Puts |*result| of the cpu, which is given away if it is replaced, into the
// layout that PyTorch would have made it in.
static pt2_status_t lay_out(AtenTensorHandle input, AtenTensorHandle weight,
                            AtenTensorHandle* result) {
  pt2__mps_view_t x, w, y;
  if (!pt2__mps_view(input, &x) || !pt2__mps_view(weight, &w) ||
      !pt2__mps_view(*result, &y) || y.rank < 3 || y.rank > 5) {
    return PT2_STATUS_OK;
  }
  int64_t strides[5];
  set_strides(&x, &w, y.sizes, strides);
  if (memcmp(y.strides, strides, sizeof(*strides) * (size_t)y.rank) == 0) {
    return PT2_STATUS_OK;
  }
  AtenTensorHandle fresh = NULL;
  PT2__MPS_TRY(
      pt2__mps_make_strided(y.rank, y.sizes, strides, y.dtype, &fresh));
  if (y.numel > 0 && pt2__mps_host.copy_(fresh, *result, 0) != 0) {
    pt2__mps_delete(fresh);
    return PT2_STATUS_INTERNAL;
  }
  pt2__mps_delete(*result);
  *result = fresh;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_mps_convolution(
    AtenTensorHandle input, AtenTensorHandle weight, AtenTensorHandle* bias,
    const int64_t* stride, int64_t stride_len_, const int64_t* padding,
    int64_t padding_len_, const int64_t* dilation, int64_t dilation_len_,
    int32_t transposed, const int64_t* output_padding,
    int64_t output_padding_len_, int64_t groups, AtenTensorHandle* ret0) {
  call_t call = {.input = input,
                 .weight = weight,
                 .bias = bias != NULL ? *bias : NULL,
                 .stride = {stride, stride_len_},
                 .padding = {padding, padding_len_},
                 .dilation = {dilation, dilation_len_},
                 .output_padding = {output_padding, output_padding_len_},
                 .transposed = transposed != 0,
                 .groups = groups};
  plan_t plan;
  pt2_status_t status = pt2__mps_check_out("aten::convolution", ret0);
  if (status != PT2_STATUS_OK) {
    PT2__MPS_RETURN(status);
  }
  if (describe(&call, &plan)) {
    PT2__MPS_RETURN(convolve(&call, &plan, ret0));
  }
  AtenTensorHandle result = NULL;
  if (pt2__mps_host.cpu_convolution(
          input, weight, bias, stride, stride_len_, padding, padding_len_,
          dilation, dilation_len_, transposed, output_padding,
          output_padding_len_, groups, &result) != 0) {
    return PT2__MPS_FAILED;
  }
  status = lay_out(input, weight, &result);
  if (status != PT2_STATUS_OK) {
    pt2__mps_delete(result);
    PT2__MPS_RETURN(status);
  }
  *ret0 = result;
  return PT2__MPS_OK;
}

// The cpu's, since models that are trained are rare here.
AOTITorchError aoti_torch_mps_convolution_backward(
    AtenTensorHandle grad_output, AtenTensorHandle input,
    AtenTensorHandle weight, const int64_t** bias_sizes,
    int64_t bias_sizes_len_, const int64_t* stride, int64_t stride_len_,
    const int64_t* padding, int64_t padding_len_, const int64_t* dilation,
    int64_t dilation_len_, int32_t transposed, const int64_t* output_padding,
    int64_t output_padding_len_, int64_t groups, const int32_t* output_mask,
    int64_t output_mask_len_, AtenTensorHandle* ret0, AtenTensorHandle* ret1,
    AtenTensorHandle* ret2) {
  if (pt2__mps_host.cpu_convolution_backward(
          grad_output, input, weight, bias_sizes, bias_sizes_len_, stride,
          stride_len_, padding, padding_len_, dilation, dilation_len_,
          transposed, output_padding, output_padding_len_, groups, output_mask,
          output_mask_len_, ret0, ret1, ret2) != 0) {
    return PT2__MPS_FAILED;
  }
  AtenTensorHandle* returned[3] = {ret0, ret1, ret2};
  pt2_status_t status = PT2_STATUS_OK;
  // A bias lies in one way only; what was not asked for is NULL.
  for (int i = 0; i < 2 && status == PT2_STATUS_OK; ++i) {
    if (returned[i] != NULL && *returned[i] != NULL) {
      status = lay_out(input, weight, returned[i]);
    }
  }
  for (int i = 0; i < 3 && status != PT2_STATUS_OK; ++i) {
    if (returned[i] != NULL) {
      pt2__mps_delete(*returned[i]);
      *returned[i] = NULL;
    }
  }
  PT2__MPS_RETURN(status);
}
