// SPDX-License-Identifier: Apache-2.0
//
// What sampling at the places of a grid means on any device: arguments checked
// as PyTorch does, and sizes.
#ifndef PT2_SRC_OPS_GRID_SAMPLER_H_
#define PT2_SRC_OPS_GRID_SAMPLER_H_

#include <stdbool.h>
#include <stdint.h>

#include "tensor/tensor.h"

// PyTorch's numbers.
typedef enum {
  PT2__GRID_LINEAR = 0,
  PT2__GRID_NEAREST = 1,
  PT2__GRID_CUBIC = 2,
} pt2__grid_mode_t;

typedef enum {
  PT2__GRID_ZEROS = 0,
  PT2__GRID_BORDER = 1,
  PT2__GRID_REFLECTION = 2,
} pt2__grid_padding_t;

// Spatial values are depth, height, width; of two dimensions the depth is one.
typedef struct {
  int spatial;  // 2 or 3
  pt2__grid_mode_t mode;
  pt2__grid_padding_t padding;
  bool align_corners;
  int64_t batch;
  int64_t channels;
  int64_t input[3];
  int64_t output[3];
  int64_t in_plane;  // elements of a channel
  int64_t out_plane;
  int64_t out_sizes[5];  // of the sampled tensor
} pt2__grid_t;

// Checks the sampling of |input| at |grid|; |name| is PyTorch's name of the
// kernel.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype).
PT2_MUST_USE pt2_status_t pt2__grid_resolve(const pt2_tensor_t* input,
                                            const pt2_tensor_t* grid,
                                            int spatial, int64_t mode,
                                            int64_t padding, bool align_corners,
                                            const char* name,
                                            pt2__grid_t* out_grid);

// Checks the gradient of the result that |grid| describes.
//
// Errors: INVALID_ARGUMENT.
PT2_MUST_USE pt2_status_t
pt2__grid_check_gradient(const pt2__grid_t* grid, const pt2_tensor_t* input,
                         const pt2_tensor_t* grad_output);

#endif  // PT2_SRC_OPS_GRID_SAMPLER_H_
