// SPDX-License-Identifier: Apache-2.0
//
// What the poolings over one to three dimensions mean on any device: arguments
// checked as PyTorch does, sizes and strides of the result.
#ifndef PT2_SRC_OPS_POOLING_H_
#define PT2_SRC_OPS_POOLING_H_

#include <stdbool.h>
#include <stdint.h>

#include "ops/convolution.h"
#include "tensor/tensor.h"

typedef struct {
  const char* name;  // "max_pool2d": begins PyTorch's messages
  int32_t spatial;   // dimensions pooled over, 1 to 3
  pt2__int_list_t kernel;
  pt2__int_list_t stride;  // count 0: the kernel's
  pt2__int_list_t padding;
  pt2__int_list_t dilation;  // count 0: one
  bool ceil_mode;
  bool kernel_fits;  // a kernel larger than the input is refused
  bool row_major;    // the result is, however the input lies
} pt2__pool_args_t;

// A pooling that may be run. Spatial values are depth, height, width; those of
// dimensions that it is not over are one (padding: none).
typedef struct {
  int32_t spatial;
  int32_t rank;        // of input and result: spatial + 1 or + 2
  bool channels_last;  // how the input, or its gradient, should lie
  bool adaptive;       // windows are shares of the input
  int64_t batch;       // 1 without a dimension for it
  int64_t channels;
  int64_t input[3];
  int64_t output[3];
  int64_t kernel[3];
  int64_t stride[3];
  int64_t padding[3];
  int64_t dilation[3];
  int64_t out_sizes[5];  // of the pooled tensor
  // Of the operator's result: the pooled tensor, or the input's gradient.
  int64_t result_strides[5];
} pt2__pool_t;

// max_pool, avg_pool.
PT2_MUST_USE pt2_status_t pt2__pool_resolve(const pt2_tensor_t* input,
                                            const pt2__pool_args_t* args,
                                            pt2__pool_t* out_pool);

typedef struct {
  const char* name;  // "adaptive_avg_pool2d"
  int32_t spatial;
  bool row_major;
  bool no_channels;  // a tensor without channels may be pooled
} pt2__pool_adaptive_args_t;

// adaptive_avg_pool, adaptive_max_pool; kernel and stride stay one.
PT2_MUST_USE pt2_status_t pt2__pool_resolve_adaptive(
    const pt2_tensor_t* input, const pt2__pool_adaptive_args_t* args,
    pt2__int_list_t output_size, pt2__pool_t* out_pool);

// Their backward operators, which find the input's gradient: |gradient| is that
// of the pooled tensor. |indices| NULL: an average.
PT2_MUST_USE pt2_status_t pt2__pool_resolve_backward(
    const pt2_tensor_t* gradient, const pt2_tensor_t* input,
    const pt2_tensor_t* const* indices, const pt2__pool_args_t* args,
    pt2__pool_t* out_pool);
PT2_MUST_USE pt2_status_t pt2__pool_resolve_adaptive_backward(
    const pt2_tensor_t* gradient, const pt2_tensor_t* input,
    const pt2_tensor_t* const* indices, const pt2__pool_adaptive_args_t* args,
    pt2__pool_t* out_pool);

#endif  // PT2_SRC_OPS_POOLING_H_
