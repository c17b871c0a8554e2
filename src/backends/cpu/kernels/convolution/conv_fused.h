// SPDX-License-Identifier: Apache-2.0
//
// A convolution with what follows it, as PyTorch's mkldnn::_convolution_*
// operators have it: a second operand, then a function of each element.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_FUSED_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_FUSED_H_

#include "backends/cpu/kernels/convolution/convolution.h"

typedef struct {
  const pt2_tensor_t* input;
  const pt2_tensor_t* weight;
  const pt2_tensor_t* bias;  // may be NULL
  pt2__conv_args_t args;
  // "add", "sub", "mul" or "div" with |other|; NULL: none.
  const char* binary;
  const pt2_tensor_t* other;
  const double* alpha;  // NULL or one
  // "relu", "gelu", …; NULL or "none": none.
  const char* unary;
  const double* const* scalars;
  int64_t scalar_count;
  const char* algorithm;  // of gelu: "none" or "tanh"
} pt2__conv_fused_t;

// Computes into a new tensor with the strides that PyTorch gives it.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED, OUT_OF_MEMORY.
PT2_MUST_USE pt2_status_t pt2__conv_fused(const pt2__conv_fused_t* call,
                                          pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_FUSED_H_
