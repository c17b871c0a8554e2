// SPDX-License-Identifier: Apache-2.0
//
// What bilinear upsampling means on any device: sizes, strides, and where a
// result lies between the elements of the input.
#ifndef PT2_SRC_OPS_UPSAMPLE_H_
#define PT2_SRC_OPS_UPSAMPLE_H_

#include <stdbool.h>
#include <stdint.h>

#include "tensor/tensor.h"

// Pairs are height and width.
typedef struct {
  bool channels_last;
  bool align_corners;
  int64_t batch;
  int64_t channels;
  int64_t input[2];
  int64_t output[2];
  double scale[2];  // input elements for each output element, as a ratio given
                    // by the caller; 0: from the sizes
  int64_t out_sizes[4];
  int64_t out_strides[4];
} pt2__upsample_t;

// Checks as PyTorch does. |scales| are output by input, or <= 0 for none.
PT2_MUST_USE pt2_status_t pt2__upsample_resolve(
    const pt2_tensor_t* input, const int64_t* output_size, size_t count,
    bool align_corners, const double* scales, pt2__upsample_t* out_upsample);

// The two elements along dimension |d| that result |at| lies between, and the
// share of the second.
void pt2__upsample_place(const pt2__upsample_t* upsample, int d, int64_t at,
                         bool in_double, int64_t* out_first,
                         int64_t* out_second, double* out_share);

#endif  // PT2_SRC_OPS_UPSAMPLE_H_
