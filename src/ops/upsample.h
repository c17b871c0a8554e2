// SPDX-License-Identifier: Apache-2.0
//
// What upsampling and its gradient mean on any device: sizes, strides, and
// where a result lies between the elements of the input.
#ifndef PT2_SRC_OPS_UPSAMPLE_H_
#define PT2_SRC_OPS_UPSAMPLE_H_

#include <stdbool.h>
#include <stdint.h>

#include "ops/convolution.h"
#include "tensor/tensor.h"

typedef enum {
  PT2__UPSAMPLE_LINEAR,
  PT2__UPSAMPLE_CUBIC,
  PT2__UPSAMPLE_LANCZOS,  // with antialiasing only
  PT2__UPSAMPLE_NEAREST,
  PT2__UPSAMPLE_NEAREST_EXACT,
} pt2__upsample_filter_t;

// Spatial values are those of the last |spatial| dimensions, in their order.
typedef struct {
  int spatial;  // 1 to 3
  bool channels_last;
  bool align_corners;
  bool antialias;
  pt2__upsample_filter_t filter;
  int64_t batch;
  int64_t channels;
  int64_t input[3];
  int64_t output[3];
  double scale[3];  // input elements for each output element, as a ratio given
                    // by the caller; 0: from the sizes
  int64_t out_sizes[5];  // of what is computed: a gradient has the input's
  int64_t out_strides[5];
} pt2__upsample_t;

// Checks linear upsampling of |spatial| dimensions (2 or 3) as PyTorch does.
// |scales| are output by input, or <= 0 for none.
PT2_MUST_USE pt2_status_t pt2__upsample_resolve(
    const pt2_tensor_t* input, int spatial, const int64_t* output_size,
    size_t count, bool align_corners, const double* scales,
    pt2__upsample_t* out_upsample);

// The two elements along dimension |d| that result |at| lies between, and the
// share of the second.
void pt2__upsample_place(const pt2__upsample_t* upsample, int d, int64_t at,
                         bool in_double, int64_t* out_first,
                         int64_t* out_second, double* out_share);

// With antialiasing: the most input elements that a result along dimension |d|
// is made of.
int64_t pt2__upsample_antialias_taps(const pt2__upsample_t* upsample, int d);

// What result |at| along dimension |d| is made of: returns how many elements
// from |*out_first| on, all of them inside the input, and their weights, for
// which there is room. PIL's filter: it widens where the result is smaller.
int64_t pt2__upsample_antialias(const pt2__upsample_t* upsample, int d,
                                int64_t at, bool in_double, int64_t* out_first,
                                double* out_weights);

typedef struct {
  pt2__int_list_t output_size;
  pt2__int_list_t input_size;  // with batch and channels
  int spatial;
  pt2__upsample_filter_t filter;
  bool antialias;
  bool align_corners;
  const double* scales[3];  // output by input, NULL or <= 0 for none
} pt2__upsample_backward_args_t;

// Checks a gradient as PyTorch does.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype).
PT2_MUST_USE pt2_status_t pt2__upsample_resolve_backward(
    const pt2_tensor_t* grad_output, const pt2__upsample_backward_args_t* args,
    pt2__upsample_t* out_upsample);

// An element of the input and its share in a result.
typedef struct {
  int64_t at;
  double weight;
} pt2__upsample_tap_t;

// What result |at| along dimension |d| is made of, without antialiasing: 2 or,
// of cubic upsampling, 4 elements, in ascending order; one may come more than
// once. Of the nearest it is one. Returns how many.
int pt2__upsample_taps(const pt2__upsample_t* upsample, int d, int64_t at,
                       bool in_double, pt2__upsample_tap_t* out_taps);

#endif  // PT2_SRC_OPS_UPSAMPLE_H_
