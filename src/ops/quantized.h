// SPDX-License-Identifier: Apache-2.0
//
// What onednn::qlinear_pointwise and onednn::qconv_pointwise mean on any
// device: their arguments, checked with torch's words.
#ifndef PT2_SRC_OPS_QUANTIZED_H_
#define PT2_SRC_OPS_QUANTIZED_H_

#include "ops/op.h"

// As the caller hands them over; NULL where there is none.
typedef struct {
  const pt2_tensor_t* input;
  const pt2_tensor_t* input_scale;       // one element
  const pt2_tensor_t* input_zero_point;  // one element
  const pt2_tensor_t* weight;
  const pt2_tensor_t* weight_scales;
  const pt2_tensor_t* bias;
  double output_scale;
  int64_t output_zero_point;
  const int32_t* output_dtype;
  // The second operand of the linear layers' "sum" (which the result is
  // written to) and "add", and of the convolutions' "sum".
  pt2_tensor_t* other;
  double other_scale;
  int64_t other_zero_point;
  const char* binary;
  const char* unary;
  const double* const* scalars;
  int64_t scalar_count;
  const char* algorithm;
} pt2__quantized_args_t;

typedef enum {
  PT2__QUANTIZED_NONE,
  PT2__QUANTIZED_SUM,
  PT2__QUANTIZED_ADD
} pt2__quantized_binary_t;

typedef struct {
  bool is_f8;  // input and weight; else they are integers
  float input_scale;
  int32_t input_zero_point;
  int32_t dtype;  // of the result
  pt2__quantized_binary_t binary;
  float output_scale, other_scale;
  int32_t output_zero_point, other_zero_point;
} pt2__quantized_t;

// A linear layer: |input| [..., k], |weight| [k, n]. Checks everything but the
// unary function.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (a weight in another layout)
PT2_MUST_USE pt2_status_t pt2__quantized_linear(
    const pt2__quantized_args_t* args, pt2__quantized_t* out_quantized);

// A convolution, whose geometry pt2__conv_resolve checks.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (a weight in another layout)
PT2_MUST_USE pt2_status_t pt2__quantized_conv(const pt2__quantized_args_t* args,
                                              pt2__quantized_t* out_quantized);

#endif  // PT2_SRC_OPS_QUANTIZED_H_
