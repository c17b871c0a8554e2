// SPDX-License-Identifier: Apache-2.0
//
// Depthwise convolution of contiguous planes, and its weight gradient: rows of
// a plane are vectors, so that nothing is transposed.
//
// What a few rows of results read is first copied to rows that zeros pad. With
// a stride the columns are parted by their remainder, so that neighbours lie
// side by side again.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_CONV_PLANES_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_CONV_PLANES_H_

#include "backends/cpu/kernels/conv_direct.h"

// Taps up to which both functions may be called.
#define PT2__CONV_PLANES_TAPS 64

typedef struct {
  const pt2__conv_t* conv;  // depthwise, of one or two dimensions
  const void* input;
  int64_t strides[3];  // batch, channel, row; columns lie side by side
  const void* weight;  // [tap][channel]
  const void* bias;    // of all channels
  void* output;        // contiguous
  pt2__conv_epilogue_fn epilogue;  // may be NULL
  const void* epilogue_context;
} pt2__conv_planes_t;

// out[tap][channel] = the sum over batch and positions of |walked| times what
// the tap reaches from there.
typedef struct {
  const pt2__conv_t* conv;
  const void* walked;
  int64_t walked_strides[3];
  int64_t positions[2];  // rows and columns of |walked|
  const void* reached;
  int64_t reached_strides[3];
  int64_t limits[2];  // of |reached|
  int64_t channels;
  void* out;
} pt2__conv_planes_gradient_t;

// Most rows or columns that padding, or the way from a kernel's first tap to
// its last, may have: padded rows are kept.
#define PT2__CONV_PLANES_REACH 1024
#define PT2__CONV_PLANES_STRIDE 32

// Whether |conv| is one that they take.
static inline bool pt2__conv_planes_fit(const pt2__conv_t* conv) {
  for (int d = 1; d < 3; ++d) {
    if ((conv->kernel[d] - 1) * conv->dilation[d] > PT2__CONV_PLANES_REACH ||
        conv->padding[d] > PT2__CONV_PLANES_REACH ||
        conv->stride[d] > PT2__CONV_PLANES_STRIDE) {
      return false;
    }
  }
  return conv->groups > 1 && conv->groups == conv->channels_in &&
         conv->groups == conv->channels_out && conv->input[0] == 1 &&
         conv->output[0] == 1 && conv->kernel[0] == 1 &&
         conv->kernel[1] <= PT2__CONV_PLANES_TAPS &&
         conv->kernel[2] <= PT2__CONV_PLANES_TAPS &&
         conv->kernel[1] * conv->kernel[2] <= PT2__CONV_PLANES_TAPS;
}

typedef struct {
  // Errors: OUT_OF_MEMORY
  pt2_status_t (*forward)(const pt2__conv_planes_t* call);
  pt2_status_t (*gradient)(const pt2__conv_planes_gradient_t* call);
} pt2__conv_planes_functions_t;

// Those of this CPU, for |dtype| f32 or f64.
const pt2__conv_planes_functions_t* pt2__conv_planes_functions(int32_t dtype);

extern const pt2__conv_planes_functions_t pt2__conv_planes_f32_generic;
extern const pt2__conv_planes_functions_t pt2__conv_planes_f64_generic;
#if defined(__x86_64__)
extern const pt2__conv_planes_functions_t pt2__conv_planes_f32_avx2;
extern const pt2__conv_planes_functions_t pt2__conv_planes_f64_avx2;
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_CONV_PLANES_H_
