// SPDX-License-Identifier: Apache-2.0
//
// Gradients of a convolution. That of the input is a convolution itself; that
// of the weight is a matrix product over all positions.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_GRADIENT_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_GRADIENT_H_

#include "ops/convolution.h"

// |conv| is the forward convolution, not empty. Each result has its sizes and
// may have any dense strides.
//
// Errors: OUT_OF_MEMORY; the result is then undefined.
PT2_MUST_USE pt2_status_t pt2__conv_gradient_input(const pt2__conv_t* conv,
                                                   const pt2_tensor_t* gradient,
                                                   const pt2_tensor_t* weight,
                                                   pt2_tensor_t* out);
PT2_MUST_USE pt2_status_t
pt2__conv_gradient_weight(const pt2__conv_t* conv, const pt2_tensor_t* gradient,
                          const pt2_tensor_t* input, pt2_tensor_t* out);
PT2_MUST_USE pt2_status_t pt2__conv_gradient_bias(const pt2_tensor_t* gradient,
                                                  pt2_tensor_t* out);

// Weight gradient of one channel to each group, for the channels [first, last):
// out[tap][channel] += the sum over positions. Channels lie side by side in all
// three; |first| is a multiple of PT2__CONV_DEPTHWISE_UNIT.
#define PT2__CONV_DEPTHWISE_UNIT 16

typedef struct {
  const pt2__conv_t* conv;
  const void* walked;   // the tensor whose positions are walked over
  const void* reached;  // the one that is read at each tap
  int64_t channels;
  int64_t positions[3];  // of |walked|
  int64_t limits[3];     // sizes of |reached|
  void* out;
} pt2__conv_depthwise_t;

// The positions x of [0, |count|) with 0 <= x * stride + move < limit.
static inline void pt2__conv_span(int64_t stride, int64_t move, int64_t count,
                                  int64_t limit, int64_t* out_from,
                                  int64_t* out_until) {
  int64_t from = move >= 0 ? 0 : (-move + stride - 1) / stride;
  int64_t until = limit > move ? (limit - 1 - move) / stride + 1 : 0;
  *out_from = from;
  *out_until = until < count ? until : count;
}

void pt2__conv_depthwise_f32(const pt2__conv_depthwise_t* d, int64_t first,
                             int64_t last);
void pt2__conv_depthwise_f64(const pt2__conv_depthwise_t* d, int64_t first,
                             int64_t last);
#if defined(__x86_64__)
void pt2__conv_depthwise_f32_avx2(const pt2__conv_depthwise_t* d, int64_t first,
                                  int64_t last);
void pt2__conv_depthwise_f64_avx2(const pt2__conv_depthwise_t* d, int64_t first,
                                  int64_t last);
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_GRADIENT_H_
