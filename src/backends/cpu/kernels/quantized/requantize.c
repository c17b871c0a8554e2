// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/quantized/requantize.h"

#include <math.h>

#include "backends/cpu/kernels/quantized/qlayer.h"
#include "tensor/convert.h"
#include "tensor/tensor.h"

static void add_other(const pt2__requantize_t* p, float* values, int64_t count,
                      int64_t offset) {
  float other[PT2__REQUANTIZE_COLUMNS];
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(p->other_dtype);
  pt2__convert_run(PT2_DTYPE_F32, other, sizeof(*other), p->other_dtype,
                   (const char*)p->other + offset * bytes, bytes, count);
  for (int64_t i = 0; i < count; ++i) {
    values[i] += p->other_scale * (other[i] - p->other_zero_point);
  }
}

static void store(const pt2__requantize_t* p, float* values, int64_t count,
                  int64_t offset) {
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(p->dtype);
  char* out = (char*)p->out + offset * bytes;
  if (!p->plain && (p->dtype == PT2_DTYPE_U8 || p->dtype == PT2_DTYPE_I8)) {
    bool is_signed = p->dtype == PT2_DTYPE_I8;
    pt2__qlayer_kernels()->quantize(values, 1 / p->scale, (float)p->zero_point,
                                    is_signed ? -128.0f : 0.0f,
                                    is_signed ? 127.0f : 255.0f, count, out);
    return;
  }
  if (p->scale != 1 || (p->zero_point != 0 && !p->plain)) {
    float zero_point = p->plain ? 0 : (float)p->zero_point;
    for (int64_t i = 0; i < count; ++i) {
      values[i] = values[i] / p->scale + zero_point;
    }
  }
  if (p->dtype == PT2_DTYPE_F8E4M3FN) {
    // PyTorch rounds twice here.
    uint16_t half[PT2__REQUANTIZE_COLUMNS];
    for (int64_t i = 0; i < count; ++i) {
      float value = values[i];
      value = value < -PT2__F8E4M3_LARGEST  ? -PT2__F8E4M3_LARGEST
              : value > PT2__F8E4M3_LARGEST ? PT2__F8E4M3_LARGEST
                                            : value;
      half[i] = pt2__f32_to_f16(value);
    }
    pt2__convert_run(p->dtype, out, bytes, PT2_DTYPE_F16, half, sizeof(*half),
                     count);
    return;
  }
  pt2__convert_run(p->dtype, out, bytes, PT2_DTYPE_F32, values, sizeof(*values),
                   count);
}

static void finish(const pt2__requantize_t* p, float* values, int64_t count,
                   int64_t row, int64_t column) {
  int64_t offset = row * p->row_stride + column;
  if (p->other != NULL) {
    add_other(p, values, count, offset);
  }
  if (p->pointwise.unary != 0) {
    pt2__pointwise_apply(&p->pointwise, values, NULL, count);
  }
  store(p, values, count, offset);
}

static bool as_result(int32_t dtype, pt2__qlayer_result_t* out_result) {
  *out_result = dtype == PT2_DTYPE_U8   ? PT2__QLAYER_U8
                : dtype == PT2_DTYPE_I8 ? PT2__QLAYER_S8
                                        : PT2__QLAYER_F32;
  return *out_result != PT2__QLAYER_F32 || dtype == PT2_DTYPE_F32;
}

// What a kernel does at once; false: it is more than that.
static bool prepare(const pt2__requantize_t* p, int64_t offset,
                    pt2__qlayer_finish_t* q) {
  if (p->plain || !as_result(p->dtype, &q->result) ||
      !pt2__pointwise_as_clamp(&p->pointwise, &q->low, &q->high)) {
    return false;
  }
  if (p->other != NULL) {
    int64_t bytes = (int64_t)pt2_dtype_size_bytes(p->other_dtype);
    q->other = (const char*)p->other + offset * bytes;
    q->other_rs = p->row_stride * bytes;
    q->other_scale = p->other_scale;
    q->other_zero_point = p->other_zero_point;
    if (!as_result(p->other_dtype, &q->other_type)) {
      return false;
    }
  }
  q->factor = 1 / p->scale;
  q->offset = (float)p->zero_point;
  q->least = q->result == PT2__QLAYER_S8 ? INT8_MIN : 0;
  q->most = q->result == PT2__QLAYER_S8 ? INT8_MAX : UINT8_MAX;
  if (q->result == PT2__QLAYER_U8 && q->low == 0 && p->zero_point == 0) {
    // What is less becomes zero without it.
    q->low = -INFINITY;
  }
  return q->result != PT2__QLAYER_F32 || (p->scale == 1 && p->zero_point == 0);
}

void pt2__requantize_sums(const void* requantize, const int32_t* sums,
                          int64_t rows, int64_t count, int64_t row,
                          int64_t column) {
  const pt2__requantize_t* p = requantize;
  const pt2__qlayer_kernels_t* kernels = pt2__qlayer_kernels();
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(p->dtype);
  int64_t offset = row * p->row_stride + column;
  pt2__qlayer_finish_t q = {
      .sums = sums,
      .rows = rows,
      .count = count,
      .zero_point = p->input_zero_point,
      .weight_sums = p->weight_sums == NULL ? NULL : p->weight_sums + column,
      .scales = p->scales + column,
      .bias = p->bias == NULL ? NULL : p->bias + column,
      .out = (char*)p->out + offset * bytes,
      .out_rs = p->row_stride * bytes};
  if (prepare(p, offset, &q)) {
    kernels->finish(&q);
    return;
  }
  for (int64_t r = 0; r < rows; ++r) {
    float values[PT2__QLAYER_COLUMNS];
    kernels->scale(sums + r * PT2__QLAYER_COLUMNS, q.zero_point, q.weight_sums,
                   q.scales, q.bias, count, values);
    finish(p, values, count, row + r, column);
  }
}

void pt2__requantize_values(const pt2__requantize_t* requantize, float* values,
                            int64_t count, int64_t row, int64_t column) {
  for (int64_t i = 0; i < count; i += PT2__REQUANTIZE_COLUMNS) {
    int64_t part = count - i < PT2__REQUANTIZE_COLUMNS
                       ? count - i
                       : PT2__REQUANTIZE_COLUMNS;
    finish(requantize, values + i, part, row, column + i);
  }
}
