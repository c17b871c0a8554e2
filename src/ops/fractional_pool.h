// SPDX-License-Identifier: Apache-2.0
//
// What fractional max pooling means on any device: arguments checked as PyTorch
// does, sizes of the result, and where its windows begin.
#ifndef PT2_SRC_OPS_FRACTIONAL_POOL_H_
#define PT2_SRC_OPS_FRACTIONAL_POOL_H_

#include <stdbool.h>
#include <stdint.h>

#include "ops/convolution.h"
#include "tensor/tensor.h"

// Triples are depth, height, width; a dimension that the tensors lack counts
// one. Results are row-major.
typedef struct {
  int spatial;  // 2 or 3
  int32_t rank;
  int64_t batch;  // 1 if there is none
  int64_t channels;
  int64_t input[3];
  int64_t kernel[3];
  int64_t output[3];
  int64_t out_sizes[5];
} pt2__fractional_t;

// Checks the pooling of |self| with |samples| of one random number for each
// plane and dimension.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype).
PT2_MUST_USE pt2_status_t pt2__fractional_resolve(const pt2_tensor_t* self,
                                                  int spatial,
                                                  pt2__int_list_t kernel_size,
                                                  pt2__int_list_t output_size,
                                                  const pt2_tensor_t* samples,
                                                  pt2__fractional_t* out_pool);

// Checks its gradient, all but the values of |indices|. |kernel| stays unset.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype).
PT2_MUST_USE pt2_status_t pt2__fractional_resolve_backward(
    const pt2_tensor_t* grad_output, const pt2_tensor_t* self, int spatial,
    pt2__int_list_t output_size, const pt2_tensor_t* indices,
    pt2__fractional_t* out_pool);

// Where the windows along dimension |d| begin, as computed in |dtype|. Returns
// false if one does not lie in the input, which no sample in [0, 1) does.
bool pt2__fractional_starts(const pt2__fractional_t* pool, int d, int32_t dtype,
                            double sample, int64_t* out_starts);

#endif  // PT2_SRC_OPS_FRACTIONAL_POOL_H_
