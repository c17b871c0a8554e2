// SPDX-License-Identifier: Apache-2.0
//
// Gradients of upsampling on the CPU.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_UPSAMPLE_BACKWARD_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_UPSAMPLE_BACKWARD_H_

#include "ops/boxed.h"
#include "ops/upsample.h"

// The whole operator: checks, result, computation.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype), OUT_OF_MEMORY.
PT2_MUST_USE pt2_status_t pt2__upsample_backward(
    const pt2_tensor_t* grad_output, const pt2__upsample_backward_args_t* args,
    pt2_tensor_t** out_result);

// What a gradient that is called by name is of.
typedef struct {
  int spatial;
  pt2__upsample_filter_t filter;
  bool antialias;
} pt2__upsample_kind_t;

// The operator of arguments (Tensor grad_output, SymInt[] output_size, SymInt[]
// input_size, bool align_corners, float? scales…). Of the nearest elements
// there is no align_corners.
PT2_MUST_USE pt2_status_t pt2__upsample_backward_boxed(
    const pt2__boxed_t* boxed, const pt2__upsample_kind_t* kind,
    pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_UPSAMPLE_BACKWARD_H_
