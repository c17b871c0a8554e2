// SPDX-License-Identifier: Apache-2.0
//
// What follows the sums of a quantised linear layer or convolution: scales,
// bias, a second operand, a function, and the result's own quantisation.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_REQUANTIZE_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_REQUANTIZE_H_

#include <stdbool.h>
#include <stdint.h>

#include "backends/cpu/kernels/elementwise/pointwise.h"

// Columns at a time at most.
#define PT2__REQUANTIZE_COLUMNS 256

typedef struct {
  int32_t input_zero_point;
  const int32_t* weight_sums;  // of each column
  const float* scales;         // of each column: input's times weight's
  const float* bias;           // of each column; NULL: none
  // + other_scale * (other - other_zero_point); laid out as the result is, or
  // the result itself. NULL: none.
  const void* other;
  int32_t other_dtype;
  float other_scale;
  float other_zero_point;
  pt2__pointwise_t pointwise;  // no binary function
  float scale;                 // of the result
  int32_t zero_point;
  int32_t dtype;  // u8, i8, or floating point
  // PyTorch's own arithmetic for f8 input: no zero point, and integers by
  // conversion.
  bool plain;
  void* out;
  int64_t row_stride;  // elements; columns lie side by side
} pt2__requantize_t;

// Finishes |rows| rows of |count| sums from (row, column) on. A
// pt2__qgemm_finish_rows_fn.
void pt2__requantize_sums(const void* requantize, const int32_t* sums,
                          int64_t rows, int64_t count, int64_t row,
                          int64_t column);

// Finishes values that are scaled and have their bias already. They are
// overwritten; |count| is any number.
void pt2__requantize_values(const pt2__requantize_t* requantize, float* values,
                            int64_t count, int64_t row, int64_t column);

// The largest number of float8_e4m3fn: results are clamped to it.
#define PT2__F8E4M3_LARGEST 448.0f

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_REQUANTIZE_H_
