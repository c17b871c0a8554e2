// SPDX-License-Identifier: Apache-2.0
//
// Depthwise convolution of contiguous planes, and its weight gradient: rows of
// a plane are vectors, so that nothing is transposed.
//
// What a few rows of results read is first copied to rows that zeros pad. With
// a stride the columns are parted by their remainder, so that neighbours lie
// side by side again.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_PLANES_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_PLANES_H_

#include "backends/cpu/kernels/convolution/conv_direct.h"

// Taps up to which both functions may be called.
#define PT2__CONV_PLANES_TAPS 64
// Taps of all input channels up to which pt2__conv_dense_planes() may be
// called.
#define PT2__CONV_PLANES_DEPTH 256

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

// Whether a convolution's kernel and strides are such that they take it.
static inline bool pt2__conv_planes_reach_fits(const pt2__conv_t* conv) {
  for (int d = 1; d < 3; ++d) {
    if ((conv->kernel[d] - 1) * conv->dilation[d] > PT2__CONV_PLANES_REACH ||
        conv->padding[d] > PT2__CONV_PLANES_REACH ||
        conv->stride[d] > PT2__CONV_PLANES_STRIDE) {
      return false;
    }
  }
  return conv->input[0] == 1 && conv->output[0] == 1 && conv->kernel[0] == 1 &&
         conv->kernel[1] <= PT2__CONV_PLANES_TAPS &&
         conv->kernel[2] <= PT2__CONV_PLANES_TAPS &&
         conv->kernel[1] * conv->kernel[2] <= PT2__CONV_PLANES_TAPS;
}

// Whether forward() and gradient() take it.
static inline bool pt2__conv_planes_fit(const pt2__conv_t* conv) {
  return conv->groups > 1 && conv->groups == conv->channels_in &&
         conv->groups == conv->channels_out &&
         pt2__conv_planes_reach_fits(conv);
}

// Whether pt2__conv_dense_planes() takes it.
static inline bool pt2__conv_planes_dense_fit(const pt2__conv_t* conv) {
  return !conv->transposed && conv->groups == 1 &&
         pt2__conv_planes_reach_fits(conv) && conv->channels_in >= 1 &&
         conv->channels_in <=
             PT2__CONV_PLANES_DEPTH / (conv->kernel[1] * conv->kernel[2]);
}

typedef struct {
  // Errors: OUT_OF_MEMORY
  pt2_status_t (*forward)(const pt2__conv_planes_t* call);
  pt2_status_t (*gradient)(const pt2__conv_planes_gradient_t* call);
} pt2__conv_planes_functions_t;

// Those of this CPU, for |dtype| f32 or f64.
const pt2__conv_planes_functions_t* pt2__conv_planes_functions(int32_t dtype);

// Not depthwise: every output channel reads all planes, which are few. The
// weight is [output channel][input channel][tap], the bias may be NULL.
//
// Errors: OUT_OF_MEMORY
typedef pt2_status_t (*pt2__conv_dense_fn)(const pt2__conv_planes_t* call);
pt2__conv_dense_fn pt2__conv_dense_planes(void);
pt2_status_t pt2__conv_dense_planes_generic(const pt2__conv_planes_t* call);

extern const pt2__conv_planes_functions_t pt2__conv_planes_f32_generic;
extern const pt2__conv_planes_functions_t pt2__conv_planes_f64_generic;
#if defined(__x86_64__)
extern const pt2__conv_planes_functions_t pt2__conv_planes_f32_avx2;
extern const pt2__conv_planes_functions_t pt2__conv_planes_f64_avx2;
pt2_status_t pt2__conv_dense_planes_avx2(const pt2__conv_planes_t* call);
pt2_status_t pt2__conv_dense_planes_avx512(const pt2__conv_planes_t* call);
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_PLANES_H_
