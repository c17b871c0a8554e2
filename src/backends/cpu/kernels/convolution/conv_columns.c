// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/convolution/conv_columns.h"

#include <omp.h>
#include <string.h>

#include "backends/cpu/kernels/matmul/gemm.h"
#include "ops/op.h"

// Input channels at most: more fill vectors of their own.
#define MOST_CHANNELS_F32 4
#define MOST_CHANNELS_F64 2
// Output channels at least, over which a position's column is used again.
#define LEAST_OUT 8
// Rows of the matrix at most.
#define MOST_ROWS 1024
// Elements of a piece of the matrix, which the second cache holds; for the
// weight's gradient, positions of a piece.
#define GRADIENT_ELEMENTS (1 << 15)
#define PIECE_POSITIONS 1024
// Output channels of one product: of so few rows both sides are taken as they
// lie.
#define FEW_OUT 12

bool pt2__conv_columns_fit(const pt2__conv_t* conv, int32_t dtype) {
  const int64_t taps = conv->kernel[1] * conv->kernel[2];
  const int64_t most = dtype == PT2_DTYPE_F32   ? MOST_CHANNELS_F32
                       : dtype == PT2_DTYPE_F64 ? MOST_CHANNELS_F64
                                                : 0;
  return !conv->transposed && conv->groups == 1 && conv->channels_in >= 1 &&
         conv->channels_in <= most && conv->channels_out >= LEAST_OUT &&
         conv->kernel[0] == 1 && conv->input[0] == 1 && conv->output[0] == 1 &&
         taps > 1 && taps <= MOST_ROWS / conv->channels_in;
}

// Strides of batch, channel, row and column.
static void plane_strides(const pt2_tensor_t* tensor, int64_t* strides) {
  const int32_t last = tensor->rank - 1;
  strides[0] = tensor->strides[0];
  strides[1] = tensor->strides[1];
  strides[2] = last >= 3 ? tensor->strides[last - 1] : 0;
  strides[3] = tensor->strides[last];
}

bool pt2__conv_columns_takes(const pt2_tensor_t* gradient) {
  const int32_t last = gradient->rank - 1;
  return gradient->rank <= 4 &&
         (last < 3 || gradient->sizes[last - 1] == 1 ||
          gradient->strides[last - 1] ==
              gradient->strides[last] * gradient->sizes[last]);
}

// ---- The matrix ------------------------------------------------------------

typedef struct {
  const pt2__conv_t* conv;
  int32_t dtype;
  int64_t element;     // bytes
  int64_t matrix;      // rows of the matrix: taps of all channels
  int64_t strides[4];  // of the input or its gradient
  int64_t piece;       // columns of a piece: whole rows of results, or a part
  int64_t pieces;      // of an image
} columns_t;

// Results [first, first + count) of an image: |lines| rows or a part of one.
typedef struct {
  int64_t first, count;
  int64_t y, lines;
  int64_t x, width;
} piece_t;

static void describe(const pt2__conv_t* conv, int32_t dtype, int64_t positions,
                     columns_t* c) {
  const int64_t width = conv->output[2], height = conv->output[1];
  *c = (columns_t){
      .conv = conv,
      .dtype = dtype,
      .element = dtype == PT2_DTYPE_F32 ? 4 : 8,
      .matrix = conv->channels_in * conv->kernel[1] * conv->kernel[2]};
  if (positions < width) {
    const int64_t parts = (width + positions - 1) / positions;
    c->piece = (width + parts - 1) / parts;
    c->pieces = (width + c->piece - 1) / c->piece * height;
  } else {
    const int64_t lines =
        positions / width < height ? positions / width : height;
    c->piece = lines * width;
    c->pieces = (height + lines - 1) / lines;
  }
}

static piece_t find_piece(const columns_t* c, int64_t number) {
  const int64_t width = c->conv->output[2], height = c->conv->output[1];
  piece_t piece;
  if (c->piece < width) {
    const int64_t parts = (width + c->piece - 1) / c->piece;
    piece.y = number / parts;
    piece.lines = 1;
    piece.x = number % parts * c->piece;
    piece.width = width - piece.x < c->piece ? width - piece.x : c->piece;
  } else {
    const int64_t lines = c->piece / width;
    piece.y = number * lines;
    piece.lines = height - piece.y < lines ? height - piece.y : lines;
    piece.x = 0;
    piece.width = width;
  }
  piece.first = piece.y * width + piece.x;
  piece.count = piece.lines * piece.width;
  return piece;
}

// The results [*from, *until) of a row of a piece that read column |j| of the
// kernel inside of the input; |*at| is the column that the first of them reads.
static void find_span(const columns_t* c, const piece_t* piece, int64_t j,
                      int64_t* from, int64_t* until, int64_t* at) {
  const pt2__conv_t* conv = c->conv;
  const int64_t step = conv->stride[2];
  const int64_t move =
      piece->x * step + j * conv->dilation[2] - conv->padding[2];
  const int64_t limit = conv->input[2];
  *from = move >= 0 ? 0 : (-move + step - 1) / step;
  *until = limit > move ? (limit - 1 - move) / step + 1 : 0;
  *until = *until < piece->width ? *until : piece->width;
  *from = *from < *until ? *from : *until;
  *at = *from * step + move;
}

#define COPY_AND_ADD(real)                                               \
  static void copy_##real(const real* from, int64_t step, int64_t count, \
                          real* to) {                                    \
    if (step == 1) {                                                     \
      memcpy(to, from, sizeof(real) * (size_t)count);                    \
    } else if (step == 2) {                                              \
      for (int64_t i = 0; i < count; ++i) {                              \
        to[i] = from[2 * i];                                             \
      }                                                                  \
    } else {                                                             \
      for (int64_t i = 0; i < count; ++i) {                              \
        to[i] = from[i * step];                                          \
      }                                                                  \
    }                                                                    \
  }                                                                      \
  static void add_##real(const real* from, int64_t count, int64_t step,  \
                         real* to) {                                     \
    if (step == 1) {                                                     \
      for (int64_t i = 0; i < count; ++i) {                              \
        to[i] += from[i];                                                \
      }                                                                  \
    } else {                                                             \
      for (int64_t i = 0; i < count; ++i) {                              \
        to[i * step] += from[i];                                         \
      }                                                                  \
    }                                                                    \
  }

COPY_AND_ADD(float)
COPY_AND_ADD(double)

// Fills one row of the matrix with what |piece| reads of |image|.
static void fill_row(const columns_t* c, const piece_t* piece,
                     const char* image, int64_t row, char* to) {
  const pt2__conv_t* conv = c->conv;
  const int64_t j = row % conv->kernel[2];
  const int64_t i = row / conv->kernel[2] % conv->kernel[1];
  const int64_t channel = row / (conv->kernel[2] * conv->kernel[1]);
  const int64_t step = conv->stride[2] * c->strides[3];
  int64_t from, until, at;
  find_span(c, piece, j, &from, &until, &at);
  to += row * piece->count * c->element;
  for (int64_t line = 0; line < piece->lines; ++line) {
    const int64_t y = (piece->y + line) * conv->stride[1] - conv->padding[1] +
                      i * conv->dilation[1];
    const bool inside = y >= 0 && y < conv->input[1] && from < until;
    const int64_t first = inside ? from : 0, last = inside ? until : 0;
    memset(to, 0, (size_t)(first * c->element));
    memset(to + last * c->element, 0,
           (size_t)((piece->width - last) * c->element));
    if (inside) {
      const char* source = image + (channel * c->strides[1] +
                                    y * c->strides[2] + at * c->strides[3]) *
                                       c->element;
      if (c->dtype == PT2_DTYPE_F32) {
        copy_float((const float*)(const void*)source, step, last - first,
                   (float*)(void*)to + first);
      } else {
        copy_double((const double*)(const void*)source, step, last - first,
                    (double*)(void*)to + first);
      }
    }
    to += piece->width * c->element;
  }
}

// Adds rows of the matrix to row |y| of a channel of |image|, where they came
// from: those of one row of results after another.
static void add_rows(const columns_t* c, const piece_t* piece,
                     const char* matrix, int64_t channel, int64_t y,
                     char* image) {
  const pt2__conv_t* conv = c->conv;
  const int64_t step = conv->stride[2] * c->strides[3];
  for (int64_t line = 0; line < piece->lines; ++line) {
    const int64_t reach =
        y + conv->padding[1] - (piece->y + line) * conv->stride[1];
    const int64_t i = reach / conv->dilation[1];
    if (reach < 0 || reach % conv->dilation[1] != 0 || i >= conv->kernel[1]) {
      continue;
    }
    for (int64_t j = 0; j < conv->kernel[2]; ++j) {
      int64_t from, until, at;
      find_span(c, piece, j, &from, &until, &at);
      if (from >= until) {
        continue;
      }
      const int64_t row = (channel * conv->kernel[1] + i) * conv->kernel[2] + j;
      const char* source =
          matrix +
          (row * piece->count + line * piece->width + from) * c->element;
      char* target = image + (channel * c->strides[1] + y * c->strides[2] +
                              at * c->strides[3]) *
                                 c->element;
      if (c->dtype == PT2_DTYPE_F32) {
        add_float((const float*)(const void*)source, until - from, step,
                  (float*)(void*)target);
      } else {
        add_double((const double*)(const void*)source, until - from, step,
                   (double*)(void*)target);
      }
    }
  }
}

// The weight as a matrix: |strides| are those of output channel, input channel,
// row and column; element (o, row) goes to o * |out_step| + row * |row_step|.
static void copy_weight(const columns_t* c, const char* weight,
                        const int64_t* strides, int64_t out_step,
                        int64_t row_step, char* to) {
  const pt2__conv_t* conv = c->conv;
  for (int64_t row = 0; row < c->matrix; ++row) {
    const int64_t j = row % conv->kernel[2];
    const int64_t i = row / conv->kernel[2] % conv->kernel[1];
    const int64_t channel = row / (conv->kernel[2] * conv->kernel[1]);
    const char* from =
        weight +
        (channel * strides[1] + i * strides[2] + j * strides[3]) * c->element;
    for (int64_t o = 0; o < conv->channels_out; ++o) {
      memcpy(to + (o * out_step + row * row_step) * c->element,
             from + o * strides[0] * c->element, (size_t)c->element);
    }
  }
}

static int64_t aligned(int64_t bytes) { return (bytes + 63) / 64 * 64; }

// ---- Gradient of the input -------------------------------------------------

static pt2_status_t input_piece(const columns_t* c,
                                const pt2_tensor_t* gradient, int64_t image,
                                int64_t number, const char* weight,
                                char* matrix, char* out) {
  const pt2__conv_t* conv = c->conv;
  const piece_t piece = find_piece(c, number);
  const int64_t step = gradient->strides[gradient->rank - 1];
  const char* from =
      (const char*)gradient->data +
      (image * gradient->strides[0] + piece.first * step) * c->element;
  const pt2__gemm_t gemm = {.dtype = c->dtype,
                            .batch = 1,
                            .m = c->matrix,
                            .n = piece.count,
                            .k = conv->channels_out,
                            .alpha = 1,
                            .a = {weight, 0, conv->channels_out, 1},
                            .b = {from, 0, gradient->strides[1], step},
                            .c = matrix,
                            .c_rs = piece.count,
                            .c_cs = 1};
  PT2_TRY(pt2__gemm(&gemm));
  // Rows of the input are shared among the threads: each takes what belongs to
  // one of its own, in the order of the results.
  const int64_t low = piece.y * conv->stride[1] - conv->padding[1];
  const int64_t high = low + (piece.lines - 1) * conv->stride[1] +
                       (conv->kernel[1] - 1) * conv->dilation[1];
  const int64_t first = low > 0 ? low : 0;
  const int64_t last = high < conv->input[1] ? high + 1 : conv->input[1];
  const int64_t rows = last > first ? last - first : 0;
  const int threads = pt2__op_threads(c->matrix * piece.count);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t task = 0; task < rows * conv->channels_in; ++task) {
    add_rows(c, &piece, matrix, task / rows, first + task % rows,
             out + image * c->strides[0] * c->element);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__conv_columns_input(const pt2__conv_t* conv,
                                     const pt2_tensor_t* gradient,
                                     const pt2_tensor_t* weight,
                                     pt2_tensor_t* out) {
  columns_t c;
  describe(conv, out->dtype, GRADIENT_ELEMENTS / pt2__conv_columns_rows(conv),
           &c);
  plane_strides(out, c.strides);
  int64_t weight_strides[4];
  plane_strides(weight, weight_strides);
  const int64_t weights = aligned(c.matrix * conv->channels_out * c.element);
  const size_t bytes = (size_t)(weights + c.matrix * c.piece * c.element);
  char* memory = pt2__pool_alloc(bytes);
  if (memory == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  copy_weight(&c, weight->data, weight_strides, 1, conv->channels_out, memory);
  memset(out->data, 0, (size_t)(out->numel * c.element));
  pt2_status_t status = PT2_STATUS_OK;
  for (int64_t task = 0;
       task < conv->batch * c.pieces && status == PT2_STATUS_OK; ++task) {
    status = input_piece(&c, gradient, task / c.pieces, task % c.pieces, memory,
                         memory + weights, out->data);
  }
  pt2__pool_free(memory, bytes);
  return status;
}

// ---- Gradient of the weight ------------------------------------------------

// Adds a piece's share for FEW_OUT output channels from |o| on, or fewer.
static pt2_status_t weight_piece(const columns_t* c,
                                 const pt2_tensor_t* gradient, int64_t image,
                                 const piece_t* piece, int64_t o,
                                 const char* matrix, char* out) {
  const int64_t left = c->conv->channels_out - o;
  const int64_t* strides = gradient->strides;
  const char* from =
      (const char*)gradient->data +
      (image * strides[0] + o * strides[1] + piece->first) * c->element;
  out += o * c->matrix * c->element;
  const pt2__gemm_t gemm = {.dtype = c->dtype,
                            .batch = 1,
                            .m = left < FEW_OUT ? left : FEW_OUT,
                            .n = c->matrix,
                            .k = piece->count,
                            .alpha = 1,
                            .beta = 1,
                            .a = {from, 0, strides[1], 1},
                            .b = {matrix, 0, 1, piece->count},
                            .source = {out, 0, c->matrix, 1},
                            .c = out,
                            .c_rs = c->matrix,
                            .c_cs = 1};
  return pt2__gemm(&gemm);
}

// All of a piece's share.
static pt2_status_t add_piece(const columns_t* c, const pt2_tensor_t* gradient,
                              const pt2_tensor_t* input, int64_t image,
                              int64_t number, char* matrix, char* out) {
  const pt2__conv_t* conv = c->conv;
  const piece_t piece = find_piece(c, number);
  const char* from =
      (const char*)input->data + image * c->strides[0] * c->element;
  pt2_status_t status = PT2_STATUS_OK;
  const int threads =
      pt2__op_threads(conv->channels_out * c->matrix * piece.count / 8);
#pragma omp parallel num_threads(threads) if (threads > 1)
  {
#pragma omp for schedule(static)
    for (int64_t row = 0; row < c->matrix; ++row) {
      fill_row(c, &piece, from, row, matrix);
    }
#pragma omp for schedule(static)
    for (int64_t o = 0; o < conv->channels_out; o += FEW_OUT) {
      pt2_status_t mine =
          weight_piece(c, gradient, image, &piece, o, matrix, out);
      if (mine != PT2_STATUS_OK) {
#pragma omp atomic write
        status = mine;
      }
    }
  }
  // The record of what went wrong may be another thread's.
  return status == PT2_STATUS_OK
             ? status
             : PT2_OUT_OF_MEMORY(c->matrix * piece.count * c->element);
}

pt2_status_t pt2__conv_columns_weight(const pt2__conv_t* conv,
                                      const pt2_tensor_t* gradient,
                                      const pt2_tensor_t* input, void* out) {
  columns_t c;
  describe(conv, gradient->dtype, PIECE_POSITIONS, &c);
  plane_strides(input, c.strides);
  const size_t bytes = (size_t)(c.matrix * c.piece * c.element);
  char* matrix = pt2__pool_alloc(bytes);
  if (matrix == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  memset(out, 0, (size_t)(conv->channels_out * c.matrix * c.element));
  pt2_status_t status = PT2_STATUS_OK;
  for (int64_t task = 0;
       task < conv->batch * c.pieces && status == PT2_STATUS_OK; ++task) {
    status = add_piece(&c, gradient, input, task / c.pieces, task % c.pieces,
                       matrix, out);
  }
  pt2__pool_free(matrix, bytes);
  return status;
}
