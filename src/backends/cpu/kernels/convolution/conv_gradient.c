// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/convolution/conv_gradient.h"

#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/convolution/conv_columns.h"
#include "backends/cpu/kernels/convolution/conv_planes.h"
#include "backends/cpu/kernels/convolution/convolution.h"
#include "backends/cpu/kernels/matmul/gemm.h"
#include "ops/op.h"

static int32_t compute_dtype(int32_t dtype) {
  return dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16 ? PT2_DTYPE_F32
                                                           : dtype;
}

// ---- Input -----------------------------------------------------------------

pt2_status_t pt2__conv_gradient_input(const pt2__conv_t* conv,
                                      const pt2_tensor_t* gradient,
                                      const pt2_tensor_t* weight,
                                      pt2_tensor_t* out) {
  if (pt2__conv_columns_fit(conv, out->dtype) &&
      gradient->dtype == out->dtype && weight->dtype == out->dtype &&
      pt2__conv_columns_takes(gradient)) {
    return pt2__conv_columns_input(conv, gradient, weight, out);
  }
  // The same taps the other way round.
  pt2__conv_t inverse = *conv;
  inverse.transposed = !conv->transposed;
  inverse.channels_in = conv->channels_out;
  inverse.channels_out = conv->channels_in;
  memcpy(inverse.input, conv->output, sizeof(inverse.input));
  memcpy(inverse.output, conv->input, sizeof(inverse.output));
  for (int d = 0; d < conv->rank; ++d) {
    inverse.out_sizes[d] = out->sizes[d];
    inverse.out_strides[d] = out->strides[d];
  }
  inverse.channels_last = !pt2__tensor_is_contiguous(out);
  return pt2__conv_forward(&inverse, gradient, weight, NULL, NULL, out);
}

// ---- Weight ----------------------------------------------------------------
//
// With a the walked tensor (the gradient; of a transposed convolution the
// input) and b the other one, which is reached from each position at each tap:
// out[i][j][tap] = sum over positions of a[i][p] * b[j][p * stride + tap ...].
// Both are brought to channels last, then what the taps reach lies in rows of
// a matrix, a piece of it at a time.

// Elements of such a piece, and its columns at most (of one tap at least).
#define PIECE_ELEMENTS (1 << 17)
#define PIECE_COLUMNS 1024
#define PIECE_ROWS 64

typedef struct {
  const pt2__conv_t* conv;
  int32_t dtype;
  int64_t element;    // bytes
  int64_t walked[3];  // sizes
  int64_t reached[3];
  int64_t a_channels;  // of all groups
  int64_t b_channels;
  int64_t group_a;
  int64_t group_b;
  int64_t taps;
  int64_t positions;     // of the whole batch
  bool planar;           // a and b are as they came, not channels last
  int64_t a_strides[3];  // of depthwise planes: batch, channel, row
  int64_t b_strides[3];
  const char* a;
  const char* b;
  char* piece;
} product_t;

static void describe(const pt2__conv_t* conv, int32_t dtype, product_t* p) {
  const int64_t* walked = conv->transposed ? conv->input : conv->output;
  const int64_t* reached = conv->transposed ? conv->output : conv->input;
  *p = (product_t){.conv = conv,
                   .dtype = dtype,
                   .element = (int64_t)pt2_dtype_size_bytes(dtype)};
  memcpy(p->walked, walked, sizeof(p->walked));
  memcpy(p->reached, reached, sizeof(p->reached));
  p->a_channels = conv->transposed ? conv->channels_in : conv->channels_out;
  p->b_channels = conv->transposed ? conv->channels_out : conv->channels_in;
  p->group_a = p->a_channels / conv->groups;
  p->group_b = p->b_channels / conv->groups;
  p->taps = conv->kernel[0] * conv->kernel[1] * conv->kernel[2];
  p->positions = conv->batch * walked[0] * walked[1] * walked[2];
}

// Copies what one kernel row reaches from a position: |x| is the column of its
// first tap, |row| the first element of that row of b.
static void copy_kernel_row(const product_t* p, const char* row, int64_t x,
                            int64_t first, int64_t count, char* to) {
  int64_t dilation = p->conv->dilation[2];
  int64_t bytes = p->group_b * p->element;
  int64_t step = p->b_channels * p->element;
  int64_t from, until;
  pt2__conv_span(dilation, x, p->conv->kernel[2], p->reached[2], &from, &until);
  from = from > first ? from : first;
  until = until < first + count ? until : first + count;
  if (from >= until) {
    memset(to, 0, (size_t)(count * bytes));
    return;
  }
  memset(to, 0, (size_t)((from - first) * bytes));
  const char* source = row + (x + from * dilation) * step;
  char* target = to + (from - first) * bytes;
  if (dilation == 1 && bytes == step) {
    memcpy(target, source, (size_t)((until - from) * bytes));
  } else {
    for (int64_t t = from; t < until; ++t) {
      memcpy(target, source, (size_t)bytes);
      target += bytes;
      source += dilation * step;
    }
  }
  memset(to + (until - first) * bytes, 0,
         (size_t)((first + count - until) * bytes));
}

// One row of the matrix: what the taps [first, last) reach from |position|.
static void copy_position(const product_t* p, int64_t group, int64_t position,
                          int64_t first, int64_t last, char* to) {
  const pt2__conv_t* conv = p->conv;
  int64_t x = position % p->walked[2];
  int64_t y = position / p->walked[2] % p->walked[1];
  int64_t z = position / (p->walked[2] * p->walked[1]) % p->walked[0];
  int64_t n = position / (p->walked[2] * p->walked[1] * p->walked[0]);
  for (int64_t tap = first; tap < last;) {
    int64_t tap_x = tap % conv->kernel[2];
    int64_t count = conv->kernel[2] - tap_x;
    count = count < last - tap ? count : last - tap;
    int64_t at_y = y * conv->stride[1] - conv->padding[1] +
                   tap / conv->kernel[2] % conv->kernel[1] * conv->dilation[1];
    int64_t at_z =
        z * conv->stride[0] - conv->padding[0] +
        tap / (conv->kernel[2] * conv->kernel[1]) * conv->dilation[0];
    int64_t bytes = count * p->group_b * p->element;
    if (at_y < 0 || at_y >= p->reached[1] || at_z < 0 ||
        at_z >= p->reached[0]) {
      memset(to, 0, (size_t)bytes);
    } else {
      int64_t line = (n * p->reached[0] + at_z) * p->reached[1] + at_y;
      copy_kernel_row(
          p,
          p->b + (line * p->reached[2] * p->b_channels + group * p->group_b) *
                     p->element,
          x * conv->stride[2] - conv->padding[2], tap_x, count, to);
    }
    to += bytes;
    tap += count;
  }
}

// out[group_a][columns] += a^T @ rows, over the positions [from, until).
static pt2_status_t multiply(const product_t* p, int64_t group, int64_t from,
                             int64_t until, const char* rows,
                             int64_t row_stride, int64_t columns, char* out,
                             int64_t out_stride) {
  pt2__gemm_t gemm = {
      .dtype = p->dtype,
      .batch = 1,
      .m = p->group_a,
      .n = columns,
      .k = until - from,
      .alpha = 1,
      .beta = 1,
      .a = {p->a + (from * p->a_channels + group * p->group_a) * p->element, 0,
            1, p->a_channels},
      .b = {rows, 0, row_stride, 1},
      .c = out,
      .c_rs = out_stride,
      .c_cs = 1};
  if (from > 0) {
    gemm.source = (pt2__gemm_operand_t){out, 0, out_stride, 1};
  }
  return pt2__gemm(&gemm);
}

// Whether the rows of the matrix are those of b. Output padding may make b
// longer than a.
static bool reads_in_place(const product_t* p) {
  const pt2__conv_t* conv = p->conv;
  for (int d = 0; d < 3; ++d) {
    if (conv->kernel[d] != 1 || conv->stride[d] != 1 || conv->padding[d] != 0 ||
        p->walked[d] != p->reached[d]) {
      return false;
    }
  }
  return true;
}

// The same for contiguous a and b that are read in place, image by image.
static pt2_status_t multiply_planes(const product_t* p, int64_t group,
                                    char* out) {
  int64_t plane = p->positions / p->conv->batch;
  for (int64_t n = 0; n < p->conv->batch; ++n) {
    int64_t a = (n * p->a_channels + group * p->group_a) * plane;
    int64_t b = (n * p->b_channels + group * p->group_b) * plane;
    pt2__gemm_t gemm = {.dtype = p->dtype,
                        .batch = 1,
                        .m = p->group_a,
                        .n = p->group_b,
                        .k = plane,
                        .alpha = 1,
                        .beta = 1,
                        .a = {p->a + a * p->element, 0, plane, 1},
                        .b = {p->b + b * p->element, 0, 1, plane},
                        .c = out,
                        .c_rs = p->group_b,
                        .c_cs = 1};
    if (n > 0) {
      gemm.source = (pt2__gemm_operand_t){out, 0, p->group_b, 1};
    }
    PT2_TRY(pt2__gemm(&gemm));
  }
  return PT2_STATUS_OK;
}

static int64_t taps_of_piece(const product_t* p) {
  int64_t taps = PIECE_COLUMNS / p->group_b;
  taps = taps < 1 ? 1 : taps;
  int64_t parts = (p->taps + taps - 1) / taps;
  return (p->taps + parts - 1) / parts;
}

static int64_t rows_of_piece(const product_t* p) {
  int64_t rows = PIECE_ELEMENTS / (taps_of_piece(p) * p->group_b);
  rows = rows < PIECE_ROWS ? PIECE_ROWS : rows;
  return rows < p->positions ? rows : p->positions;
}

// |out| is [group][i][tap][j].
static pt2_status_t run_group(const product_t* p, int64_t group, char* out) {
  int64_t out_stride = p->taps * p->group_b;
  out += group * p->group_a * out_stride * p->element;
  if (p->planar) {
    return multiply_planes(p, group, out);
  }
  if (reads_in_place(p)) {
    return multiply(p, group, 0, p->positions,
                    p->b + group * p->group_b * p->element, p->b_channels,
                    p->group_b, out, out_stride);
  }
  int64_t taps = taps_of_piece(p), rows = rows_of_piece(p);
  for (int64_t tap = 0; tap < p->taps; tap += taps) {
    int64_t last = tap + taps < p->taps ? tap + taps : p->taps;
    int64_t columns = (last - tap) * p->group_b;
    for (int64_t from = 0; from < p->positions; from += rows) {
      int64_t until = from + rows < p->positions ? from + rows : p->positions;
      int threads = pt2__op_threads((until - from) * columns);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
      for (int64_t at = from; at < until; ++at) {
        copy_position(p, group, at, tap, last,
                      p->piece + (at - from) * columns * p->element);
      }
      PT2_TRY(multiply(p, group, from, until, p->piece, columns, columns,
                       out + tap * p->group_b * p->element, out_stride));
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t run_product(product_t* p, char* out) {
  size_t bytes = reads_in_place(p)
                     ? 0
                     : (size_t)(rows_of_piece(p) * taps_of_piece(p) *
                                p->group_b * p->element);
  if (bytes > 0) {
    p->piece = pt2__pool_alloc(bytes);
    if (p->piece == NULL) {
      return PT2_OUT_OF_MEMORY(bytes);
    }
  }
  pt2_status_t status = PT2_STATUS_OK;
  for (int64_t g = 0; g < p->conv->groups && status == PT2_STATUS_OK; ++g) {
    status = run_group(p, g, out);
  }
  if (bytes > 0) {
    pt2__pool_free(p->piece, bytes);
  }
  return status;
}

static bool is_depthwise(const product_t* p) {
  return p->conv->groups > 1 && p->group_a == 1 && p->group_b == 1 &&
         (p->dtype == PT2_DTYPE_F32 || p->dtype == PT2_DTYPE_F64);
}

// |out| is [tap][channel].
static void run_depthwise(const product_t* p, char* out) {
  int64_t channels = p->a_channels;
  memset(out, 0, (size_t)(p->taps * channels * p->element));
  pt2__conv_depthwise_t d = {.conv = p->conv,
                             .walked = p->a,
                             .reached = p->b,
                             .channels = channels,
                             .out = out};
  memcpy(d.positions, p->walked, sizeof(d.positions));
  memcpy(d.limits, p->reached, sizeof(d.limits));
  void (*run)(const pt2__conv_depthwise_t*, int64_t, int64_t) =
      p->dtype == PT2_DTYPE_F32 ? pt2__conv_depthwise_f32
                                : pt2__conv_depthwise_f64;
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    run = p->dtype == PT2_DTYPE_F32 ? pt2__conv_depthwise_f32_avx2
                                    : pt2__conv_depthwise_f64_avx2;
  }
#endif
  // As few blocks as there are threads: a block walks over all of the memory.
  int threads = pt2__op_threads(p->positions * channels * p->taps);
  const int64_t unit = PT2__CONV_DEPTHWISE_UNIT;
  int64_t each = (channels + threads * unit - 1) / (threads * unit) * unit;
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t first = 0; first < channels; first += each) {
    run(&d, first, first + each < channels ? first + each : channels);
  }
}

static pt2_status_t run_depthwise_planes(const product_t* p, char* out) {
  pt2__conv_planes_gradient_t d = {.conv = p->conv,
                                   .walked = p->a,
                                   .positions = {p->walked[1], p->walked[2]},
                                   .reached = p->b,
                                   .limits = {p->reached[1], p->reached[2]},
                                   .channels = p->a_channels,
                                   .out = out};
  memcpy(d.walked_strides, p->a_strides, sizeof(d.walked_strides));
  memcpy(d.reached_strides, p->b_strides, sizeof(d.reached_strides));
  return pt2__conv_planes_functions(p->dtype)->gradient(&d);
}

// |source| channels last in |dtype|; a rank of 3 to 5.
static pt2_status_t prepare(const pt2_tensor_t* source, int32_t dtype,
                            pt2_tensor_t** out_tensor) {
  int32_t rank = source->rank;
  int64_t strides[5];
  strides[1] = 1;
  int64_t next = source->sizes[1];
  for (int32_t d = rank - 1; d >= 2; --d) {
    strides[d] = next;
    next *= source->sizes[d];
  }
  strides[0] = next;
  bool ready = source->dtype == dtype;
  for (int32_t d = 0; d < rank; ++d) {
    ready =
        ready && (source->sizes[d] == 1 || source->strides[d] == strides[d]);
  }
  if (ready) {
    return pt2__tensor_alias(source, out_tensor);
  }
  pt2_tensor_t* copy = NULL;
  PT2_TRY(pt2__tensor_empty(dtype, rank, source->sizes, strides, &copy));
  pt2_status_t status = pt2__tensor_copy(copy, source);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(copy);
    return status;
  }
  *out_tensor = copy;
  return PT2_STATUS_OK;
}

// Positions of an image from which on a product for each is better than one of
// copies.
#define PLANE_POSITIONS 64

// Strides of a tensor whose planes hold columns side by side.
static bool find_plane_strides(const pt2_tensor_t* tensor, int64_t* strides) {
  const int32_t last = tensor->rank - 1;
  strides[0] = tensor->strides[0];
  strides[1] = tensor->strides[1];
  strides[2] = last >= 3 ? tensor->strides[last - 1] : 0;
  return tensor->strides[last] == 1 || tensor->sizes[last] == 1;
}

// Notes the strides of what is read by planes. Where both have their channels
// side by side, that is the better way.
static bool is_planar_depthwise(product_t* p, const pt2_tensor_t* a,
                                const pt2_tensor_t* b) {
  return is_depthwise(p) && pt2__conv_planes_fit(p->conv) &&
         a->dtype == p->dtype && b->dtype == p->dtype &&
         find_plane_strides(a, p->a_strides) &&
         find_plane_strides(b, p->b_strides) &&
         (a->strides[1] != 1 || b->strides[1] != 1);
}

static bool is_planar(product_t* p, const pt2_tensor_t* a,
                      const pt2_tensor_t* b) {
  if (is_planar_depthwise(p, a, b)) {
    return true;
  }
  return reads_in_place(p) && p->conv->groups == 1 &&
         p->positions / p->conv->batch >= PLANE_POSITIONS &&
         a->dtype == p->dtype && b->dtype == p->dtype &&
         pt2__tensor_is_contiguous(a) && pt2__tensor_is_contiguous(b);
}

// What was computed: the weight's sizes over memory in the order of the product
// or of the depthwise sums.
static pt2_status_t make_computed(const product_t* p, const pt2_tensor_t* out,
                                  pt2_tensor_t** out_tensor) {
  int64_t strides[5];
  int64_t next = is_depthwise(p) ? p->a_channels : p->group_b;
  for (int32_t d = out->rank - 1; d >= 2; --d) {
    strides[d] = next;
    next *= out->sizes[d];
  }
  strides[1] = 1;
  strides[0] = is_depthwise(p) ? 1 : next;
  return pt2__tensor_empty(p->dtype, out->rank, out->sizes, strides,
                           out_tensor);
}

// Where positions lie side by side, both sides of the product are read as they
// are.
static bool prefers_columns(const pt2__conv_t* conv,
                            const pt2_tensor_t* gradient,
                            const pt2_tensor_t* input,
                            const pt2_tensor_t* out) {
  return pt2__conv_columns_fit(conv, out->dtype) &&
         pt2__conv_columns_rows(conv) <= PT2__CONV_COLUMNS_ROWS &&
         gradient->dtype == out->dtype && input->dtype == out->dtype &&
         gradient->strides[gradient->rank - 1] == 1 &&
         pt2__conv_columns_takes(gradient);
}

static pt2_status_t weight_by_columns(const pt2__conv_t* conv,
                                      const pt2_tensor_t* gradient,
                                      const pt2_tensor_t* input,
                                      pt2_tensor_t* out) {
  pt2_tensor_t* computed;
  PT2_TRY(
      pt2__tensor_empty(out->dtype, out->rank, out->sizes, NULL, &computed));
  pt2_status_t status =
      pt2__conv_columns_weight(conv, gradient, input, computed->data);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(out, computed);
  }
  pt2__tensor_release(computed);
  return status;
}

pt2_status_t pt2__conv_gradient_weight(const pt2__conv_t* conv,
                                       const pt2_tensor_t* gradient,
                                       const pt2_tensor_t* input,
                                       pt2_tensor_t* out) {
  if (prefers_columns(conv, gradient, input, out)) {
    return weight_by_columns(conv, gradient, input, out);
  }
  product_t p;
  describe(conv, compute_dtype(out->dtype), &p);
  const pt2_tensor_t* walked = conv->transposed ? input : gradient;
  const pt2_tensor_t* reached = conv->transposed ? gradient : input;
  p.planar = is_planar(&p, walked, reached);
  pt2_tensor_t *a = NULL, *b = NULL, *computed = NULL;
  pt2_status_t status =
      p.planar ? pt2__tensor_alias(walked, &a) : prepare(walked, p.dtype, &a);
  if (status == PT2_STATUS_OK) {
    status = p.planar ? pt2__tensor_alias(reached, &b)
                      : prepare(reached, p.dtype, &b);
  }
  if (status == PT2_STATUS_OK) {
    status = make_computed(&p, out, &computed);
  }
  if (status == PT2_STATUS_OK) {
    p.a = a->data;
    p.b = b->data;
    if (is_depthwise(&p) && p.planar) {
      status = run_depthwise_planes(&p, computed->data);
    } else if (is_depthwise(&p)) {
      run_depthwise(&p, computed->data);
    } else {
      status = run_product(&p, computed->data);
    }
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(out, computed);
  }
  pt2__tensor_release(a);
  pt2__tensor_release(b);
  pt2__tensor_release(computed);
  return status;
}

// ---- Bias ------------------------------------------------------------------

// Elements whose sum is kept in the dtype itself before it goes to a double.
#define BIAS_RUN 256
// Channels that are summed together, so that what lies side by side is read so.
#define BIAS_CHANNELS 256

#define SUM_CHANNELS(suffix, real, wide)                                   \
  static void sum_##suffix(const real* from, int64_t positions,            \
                           int64_t channels, int64_t count, real* out) {   \
    wide totals[BIAS_CHANNELS] = {0};                                      \
    for (int64_t p = 0; p < positions; p += BIAS_RUN) {                    \
      int64_t until = p + BIAS_RUN < positions ? p + BIAS_RUN : positions; \
      real sums[BIAS_CHANNELS] = {0};                                      \
      int64_t i = p;                                                       \
      for (; i + 4 <= until; i += 4) {                                     \
        const real* row = from + i * channels;                             \
        for (int64_t c = 0; c < count; ++c) {                              \
          sums[c] += (row[c] + row[channels + c]) +                        \
                     (row[2 * channels + c] + row[3 * channels + c]);      \
        }                                                                  \
      }                                                                    \
      for (; i < until; ++i) {                                             \
        for (int64_t c = 0; c < count; ++c) {                              \
          sums[c] += from[i * channels + c];                               \
        }                                                                  \
      }                                                                    \
      for (int64_t c = 0; c < count; ++c) {                                \
        totals[c] += (wide)sums[c];                                        \
      }                                                                    \
    }                                                                      \
    for (int64_t c = 0; c < count; ++c) {                                  \
      out[c] = (real)totals[c];                                            \
    }                                                                      \
  }

SUM_CHANNELS(f32, float, double)
SUM_CHANNELS(f64, double, double)
SUM_CHANNELS(i64, uint64_t, uint64_t)

// The sums of |count| channels, BIAS_CHANNELS at most, from |first| on.
static void sum_channels(int32_t dtype, const pt2_tensor_t* dense,
                         int64_t first, int64_t count, void* out) {
  const int64_t channels = dense->sizes[1];
  const int64_t positions = dense->numel / channels;
  if (dtype == PT2_DTYPE_F64) {
    sum_f64((const double*)dense->data + first, positions, channels, count,
            (double*)out + first);
  } else if (dtype == PT2_DTYPE_I64) {
    sum_i64((const uint64_t*)dense->data + first, positions, channels, count,
            (uint64_t*)out + first);
  } else {
    sum_f32((const float*)dense->data + first, positions, channels, count,
            (float*)out + first);
  }
}

// Sums over planes of contiguous f32.
static void sum_planes(const float* from, int64_t batch, int64_t channels,
                       int64_t plane, int64_t channel, float* out) {
  double total = 0;
  for (int64_t n = 0; n < batch; ++n) {
    const float* values = from + (n * channels + channel) * plane;
    for (int64_t p = 0; p < plane; p += 16 * BIAS_RUN) {
      int64_t until = p + 16 * BIAS_RUN < plane ? p + 16 * BIAS_RUN : plane;
      float sums[16] = {0};
      int64_t i = p;
      for (; i + 16 <= until; i += 16) {
        for (int j = 0; j < 16; ++j) {
          sums[j] += values[i + j];
        }
      }
      for (; i < until; ++i) {
        sums[i % 16] += values[i];
      }
      for (int j = 0; j < 16; ++j) {
        total += (double)sums[j];
      }
    }
  }
  out[channel] = (float)total;
}

static void bias_of_planes(const pt2_tensor_t* gradient, pt2_tensor_t* out) {
  int64_t batch = gradient->sizes[0], channels = gradient->sizes[1];
  int64_t plane = gradient->numel / (batch * channels);
  int threads = pt2__op_threads(gradient->numel);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t c = 0; c < channels; ++c) {
    sum_planes(gradient->data, batch, channels, plane, c, out->data);
  }
}

pt2_status_t pt2__conv_gradient_bias(const pt2_tensor_t* gradient,
                                     pt2_tensor_t* out) {
  int32_t dtype = compute_dtype(out->dtype);
  if (gradient->numel > 0 && gradient->dtype == PT2_DTYPE_F32 &&
      out->dtype == PT2_DTYPE_F32 && pt2__tensor_is_contiguous(gradient) &&
      pt2__tensor_is_contiguous(out)) {
    bias_of_planes(gradient, out);
    return PT2_STATUS_OK;
  }
  pt2_tensor_t *dense = NULL, *sums = NULL;
  pt2_status_t status = prepare(gradient, dtype, &dense);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_empty(dtype, 1, out->sizes, NULL, &sums);
  }
  if (status == PT2_STATUS_OK) {
    const int64_t channels = out->sizes[0];
    const int threads = pt2__op_threads(gradient->numel);
    int64_t each = ((channels + threads - 1) / threads + 15) / 16 * 16;
    each = each < BIAS_CHANNELS ? each : BIAS_CHANNELS;
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
    for (int64_t first = 0; first < channels; first += each) {
      const int64_t left = channels - first;
      sum_channels(dtype, dense, first, left < each ? left : each, sums->data);
    }
    status = pt2__tensor_copy(out, sums);
  }
  pt2__tensor_release(dense);
  pt2__tensor_release(sums);
  return status;
}
