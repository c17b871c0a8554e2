// SPDX-License-Identifier: Apache-2.0
//
// Gradients of convolutions of few input channels as matrix products:
// what each tap of each channel reads is one row of a matrix, whose columns are
// positions of the result. Vectors then hold positions, of which there are many
// where channels are few.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_COLUMNS_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_COLUMNS_H_

#include "ops/convolution.h"

// Rows of the matrix up to which the better way for the gradient of the weight
// is this one; that of the input always is.
#define PT2__CONV_COLUMNS_ROWS 256

// Whether the functions below take |conv| and may be the better way for
// |dtype|. Each has more to ask of its tensors.
bool pt2__conv_columns_fit(const pt2__conv_t* conv, int32_t dtype);

static inline int64_t pt2__conv_columns_rows(const pt2__conv_t* conv) {
  return conv->channels_in * conv->kernel[1] * conv->kernel[2];
}

// Whether the positions of |gradient|'s planes are evenly apart.
bool pt2__conv_columns_takes(const pt2_tensor_t* gradient);

// The gradient of the input: |gradient|, |weight| and |out| have one dtype, f32
// or f64, and the former is one that is taken.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__conv_columns_input(const pt2__conv_t* conv,
                                                  const pt2_tensor_t* gradient,
                                                  const pt2_tensor_t* weight,
                                                  pt2_tensor_t* out);

// The gradient of the weight, [output channel][input channel][tap] without
// gaps. Positions of |gradient|, which is taken, lie side by side.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__conv_columns_weight(const pt2__conv_t* conv,
                                                   const pt2_tensor_t* gradient,
                                                   const pt2_tensor_t* input,
                                                   void* out);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_COLUMNS_H_
