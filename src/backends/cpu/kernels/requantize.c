// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/requantize.h"

#include "backends/cpu/kernels/qgemm.h"
#include "tensor/convert.h"

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
    pt2__qgemm_kernels()->quantize(values, 1 / p->scale, (float)p->zero_point,
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

void pt2__requantize_sums(const void* requantize, const int32_t* sums,
                          int64_t count, int64_t row, int64_t column) {
  const pt2__requantize_t* p = requantize;
  float values[PT2__REQUANTIZE_COLUMNS];
  pt2__qgemm_kernels()->scale(
      sums, p->input_zero_point,
      p->weight_sums == NULL ? NULL : p->weight_sums + column,
      p->scales + column, p->bias == NULL ? NULL : p->bias + column, count,
      values);
  finish(p, values, count, row, column);
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
