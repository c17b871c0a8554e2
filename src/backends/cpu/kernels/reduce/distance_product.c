// SPDX-License-Identifier: Apache-2.0
//
// Euclidean distances from one matrix product: |a - b|^2 = |a|^2 - 2 a b +
// |b|^2.
#include "backends/cpu/kernels/matmul/gemm.h"
#include "backends/cpu/kernels/reduce/distance.h"

// Results rounded to 16 bits at a time.
#define CHUNK 256
#define LANES 8

typedef struct {
  int32_t dtype;
  int64_t rows1, rows2;
  // Squares of the rows' lengths: float, or double for f64.
  const void* squares1;
  const void* squares2;
} squares_t;

// ---- Lengths ---------------------------------------------------------------

#define DEFINE_SQUARE(name, type)                     \
  static type name(const type* x, int64_t width) {    \
    type lanes[LANES] = {0};                          \
    int64_t i = 0;                                    \
    for (; i + LANES <= width; i += LANES) {          \
      for (int j = 0; j < LANES; ++j) {               \
        lanes[j] += x[i + j] * x[i + j];              \
      }                                               \
    }                                                 \
    for (int j = 0; i < width; ++i, ++j) {            \
      lanes[j] += x[i] * x[i];                        \
    }                                                 \
    for (int half = LANES / 2; half > 0; half /= 2) { \
      for (int j = 0; j < half; ++j) {                \
        lanes[j] += lanes[j + half];                  \
      }                                               \
    }                                                 \
    return lanes[0];                                  \
  }
DEFINE_SQUARE(square_f32, float)
DEFINE_SQUARE(square_f64, double)
#undef DEFINE_SQUARE

// torch rounds each square and their sum.
static float square_16(int32_t dtype, const uint16_t* x, int64_t width) {
  float sum = 0;
  if (dtype == PT2_DTYPE_BF16) {
    for (int64_t i = 0; i < width; ++i) {
      float value = pt2__bf16_to_f32(x[i]);
      sum += pt2__bf16_to_f32(pt2__f32_to_bf16(value * value));
    }
    return pt2__bf16_to_f32(pt2__f32_to_bf16(sum));
  }
  for (int64_t i = 0; i < width; ++i) {
    float value = pt2__f16_to_f32(x[i]);
    sum += pt2__f16_to_f32(pt2__f32_to_f16(value * value));
  }
  return pt2__f16_to_f32(pt2__f32_to_f16(sum));
}

static void fill_squares(const pt2_tensor_t* x, int64_t width, void* squares) {
  int64_t rows = x->numel / width;
  int threads = pt2__op_threads(x->numel);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < rows; ++i) {
    int64_t at = i * width;
    if (x->dtype == PT2_DTYPE_F64) {
      ((double*)squares)[i] = square_f64((const double*)x->data + at, width);
    } else if (x->dtype == PT2_DTYPE_F32) {
      ((float*)squares)[i] = square_f32((const float*)x->data + at, width);
    } else {
      ((float*)squares)[i] =
          square_16(x->dtype, (const uint16_t*)x->data + at, width);
    }
  }
}

// ---- Roots -----------------------------------------------------------------

static void finish_f64(const squares_t* s, double* values, int64_t count,
                       int64_t row, int64_t column) {
  double square = ((const double*)s->squares1)[row];
  const double* squares = (const double*)s->squares2 + column;
  for (int64_t i = 0; i < count; ++i) {
    values[i] = values[i] + square + squares[i];
  }
  pt2__distance_kernels(PT2_DTYPE_F64)->roots(values, count);
}

static void round_to(int32_t dtype, float* values, int64_t count) {
  pt2__gemm_type_t type =
      dtype == PT2_DTYPE_BF16 ? PT2__GEMM_BF16 : PT2__GEMM_F16;
  const pt2__gemm_variant_t* variant = pt2__gemm_variant();
  uint16_t rounded[CHUNK];
  for (int64_t i = 0; i < count; i += CHUNK) {
    int64_t part = count - i < CHUNK ? count - i : CHUNK;
    variant->narrow[type](values + i, rounded, part);
    variant->widen[type](rounded, values + i, part);
  }
}

static void finish_f32(const squares_t* s, float* values, int64_t count,
                       int64_t row, int64_t column) {
  float square = ((const float*)s->squares1)[row];
  const float* squares = (const float*)s->squares2 + column;
  for (int64_t i = 0; i < count; ++i) {
    values[i] = values[i] + square + squares[i];
  }
  if (s->dtype != PT2_DTYPE_F32) {
    round_to(s->dtype, values, count);
  }
  pt2__distance_kernels(PT2_DTYPE_F32)->roots(values, count);
}

static void finish(void* context, void* values, int64_t count, int64_t batch,
                   int64_t row, int64_t column) {
  const squares_t* s = context;
  row += batch * s->rows1;
  column += batch * s->rows2;
  if (s->dtype == PT2_DTYPE_F64) {
    finish_f64(s, values, count, row, column);
  } else {
    finish_f32(s, values, count, row, column);
  }
}

pt2_status_t pt2__distance_product(const pt2__cdist_t* cdist,
                                   const pt2_tensor_t* x1,
                                   const pt2_tensor_t* x2, pt2_tensor_t* out) {
  size_t element = x1->dtype == PT2_DTYPE_F64 ? sizeof(double) : sizeof(float);
  int64_t width = cdist->width;
  size_t count1 = (size_t)(x1->numel / width);
  size_t count2 = (size_t)(x2->numel / width);
  size_t bytes = (count1 + count2) * element;
  char* squares = pt2__pool_alloc(bytes);
  if (squares == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  fill_squares(x1, width, squares);
  fill_squares(x2, width, squares + count1 * element);
  squares_t context = {x1->dtype, cdist->rows1, cdist->rows2, squares,
                       squares + count1 * element};
  pt2__gemm_t gemm = {.dtype = x1->dtype,
                      .batch = cdist->batch,
                      .m = cdist->rows1,
                      .n = cdist->rows2,
                      .k = width,
                      .alpha = -2,
                      .a = {x1->data, cdist->rows1 * width, width, 1},
                      .b = {x2->data, cdist->rows2 * width, 1, width},
                      .c = out->data,
                      .c_bs = cdist->rows1 * cdist->rows2,
                      .c_rs = cdist->rows2,
                      .c_cs = 1,
                      .finish = finish,
                      .finish_context = &context};
  pt2_status_t status = pt2__gemm(&gemm);
  pt2__pool_free(squares, bytes);
  return status;
}
