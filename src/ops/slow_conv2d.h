// SPDX-License-Identifier: Apache-2.0
//
// What aten::_slow_conv2d_forward and its gradients mean on any device: a 2-d
// convolution without groups or dilation whose kernel size is an argument, so
// that a weight may also be a matrix.
#ifndef PT2_SRC_OPS_SLOW_CONV2D_H_
#define PT2_SRC_OPS_SLOW_CONV2D_H_

#include "ops/boxed.h"
#include "ops/convolution.h"

typedef struct {
  pt2__conv_t conv;
  pt2_tensor_t* input;     // borrowed, as are the two below
  pt2_tensor_t* gradient;  // of the result; NULL forwards
  pt2_tensor_t* bias;      // NULL: none
  pt2_tensor_t* weight;    // [out, in, height, width], owned
  pt2_tensor_t* given;     // the weight as it came, borrowed
} pt2__slow_conv2d_t;

// Reads (self, weight, kernel_size, bias?, stride, padding), or, if |backward|,
// (grad_output, self, weight, kernel_size, stride, padding), and checks them as
// torch does. The caller releases |weight|.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype), OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__slow_conv2d_read(const pt2__boxed_t* boxed,
                                                bool backward,
                                                pt2__slow_conv2d_t* out_call);

#endif  // PT2_SRC_OPS_SLOW_CONV2D_H_
