// SPDX-License-Identifier: Apache-2.0
//
// What the poolings over height and width mean on any device: arguments checked
// as PyTorch does, sizes and strides of the result.
#ifndef PT2_SRC_OPS_POOLING_H_
#define PT2_SRC_OPS_POOLING_H_

#include <stdbool.h>
#include <stdint.h>

#include "ops/convolution.h"
#include "tensor/tensor.h"

typedef struct {
  const char* name;  // "max_pool2d": begins PyTorch's messages
  pt2__int_list_t kernel;
  pt2__int_list_t stride;  // count 0: the kernel's
  pt2__int_list_t padding;
  pt2__int_list_t dilation;  // count 0: one
  bool ceil_mode;
} pt2__pool_args_t;

// A pooling that may be run; pairs are height and width.
typedef struct {
  int32_t rank;        // of input and result: 3 or 4
  bool channels_last;  // how the result lies
  int64_t batch;       // 1 for rank 3
  int64_t channels;
  int64_t input[2];
  int64_t output[2];
  int64_t kernel[2];
  int64_t stride[2];
  int64_t padding[2];
  int64_t dilation[2];
  int64_t out_sizes[4];
  int64_t out_strides[4];
} pt2__pool_t;

// max_pool2d and avg_pool2d.
PT2_MUST_USE pt2_status_t pt2__pool_resolve(const pt2_tensor_t* input,
                                            const pt2__pool_args_t* args,
                                            pt2__pool_t* out_pool);

// adaptive_avg_pool2d; kernel, stride, padding and dilation stay unset.
PT2_MUST_USE pt2_status_t
pt2__pool_resolve_adaptive(const pt2_tensor_t* input,
                           pt2__int_list_t output_size, pt2__pool_t* out_pool);

#endif  // PT2_SRC_OPS_POOLING_H_
