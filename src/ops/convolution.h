// SPDX-License-Identifier: Apache-2.0
//
// What a convolution means on any device: its arguments, checked, the size of
// its result and the strides that PyTorch gives it.
#ifndef PT2_SRC_OPS_CONVOLUTION_H_
#define PT2_SRC_OPS_CONVOLUTION_H_

#include <stdbool.h>
#include <stdint.h>

#include "tensor/tensor.h"

// A list of integers as a caller hands it over: one value for all dimensions,
// or one for each.
typedef struct {
  const int64_t* values;
  int64_t count;
} pt2__int_list_t;

typedef struct {
  pt2__int_list_t stride;
  pt2__int_list_t padding;
  pt2__int_list_t dilation;
  pt2__int_list_t output_padding;  // count 0: none
  bool transposed;
  int64_t groups;
} pt2__conv_args_t;

// A convolution that may be run. Spatial values are depth, height, width;
// dimensions that the tensors lack count one.
typedef struct {
  bool transposed;
  bool channels_last;  // of the result
  bool empty;          // nothing to compute
  bool onednn;         // what PyTorch would compute it with
  int32_t rank;        // of input, weight and result: 3 to 5
  int64_t batch;
  int64_t groups;
  int64_t channels_in;   // of all groups
  int64_t channels_out;  // of all groups
  int64_t input[3];
  int64_t kernel[3];
  int64_t output[3];
  int64_t stride[3];
  int64_t padding[3];
  int64_t dilation[3];
  int64_t out_sizes[5];
  int64_t out_strides[5];
} pt2__conv_t;

// Where PyTorch computes a convolution; its result's strides depend on it.
typedef struct {
  // oneDNN takes this dtype (on this CPU) whatever the shape.
  bool always_onednn;
  // More than one thread may run.
  bool threads;
} pt2__conv_host_t;

// Checks the arguments of aten::convolution as PyTorch does, with its messages,
// and says what is to be computed. |bias| may be NULL.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype).
PT2_MUST_USE pt2_status_t pt2__conv_resolve(const pt2_tensor_t* input,
                                            const pt2_tensor_t* weight,
                                            const pt2_tensor_t* bias,
                                            const pt2__conv_args_t* args,
                                            const pt2__conv_host_t* host,
                                            pt2__conv_t* out_conv);

// The gradients of a convolution: what is computed forwards, and the strides
// that PyTorch gives the gradients of input and weight.
typedef struct {
  pt2__conv_t conv;
  int64_t input_strides[5];
  int64_t weight_strides[5];
} pt2__conv_gradients_t;

// The same for aten::convolution_backward. |gradient| is that of the result.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype).
PT2_MUST_USE pt2_status_t pt2__conv_resolve_gradients(
    const pt2_tensor_t* gradient, const pt2_tensor_t* input,
    const pt2_tensor_t* weight, const pt2__conv_args_t* args,
    const pt2__conv_host_t* host, pt2__conv_gradients_t* out_gradients);

#endif  // PT2_SRC_OPS_CONVOLUTION_H_
