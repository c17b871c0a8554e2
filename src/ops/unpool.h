// SPDX-License-Identifier: Apache-2.0
//
// What max unpooling means on any device: arguments checked as PyTorch does,
// sizes and strides of the result.
#ifndef PT2_SRC_OPS_UNPOOL_H_
#define PT2_SRC_OPS_UNPOOL_H_

#include <stdbool.h>
#include <stdint.h>

#include "ops/convolution.h"
#include "tensor/tensor.h"

typedef struct {
  int spatial;  // 2 or 3
  pt2__int_list_t output_size;
  pt2__int_list_t stride;   // of 3 dimensions only, where it changes nothing
  pt2__int_list_t padding;  // the same
} pt2__unpool_args_t;

typedef struct {
  int32_t rank;
  int spatial;
  bool channels_last;
  int64_t batch;  // 1 if there is none
  int64_t channels;
  int64_t in_plane;  // elements of an image of one channel
  int64_t out_plane;
  int64_t out_sizes[5];
  int64_t out_strides[5];
} pt2__unpool_t;

// Checks everything but the values of |indices|.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype).
PT2_MUST_USE pt2_status_t pt2__unpool_resolve(const pt2_tensor_t* self,
                                              const pt2_tensor_t* indices,
                                              const pt2__unpool_args_t* args,
                                              pt2__unpool_t* out_unpool);

#endif  // PT2_SRC_OPS_UNPOOL_H_
