// SPDX-License-Identifier: Apache-2.0
//
// Gradients of linear and cubic upsampling on the CPU.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_UPSAMPLE_BACKWARD_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_UPSAMPLE_BACKWARD_H_

#include "ops/upsample.h"

// The whole operator: checks, result, computation.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype), OUT_OF_MEMORY.
PT2_MUST_USE pt2_status_t pt2__upsample_backward(
    const pt2_tensor_t* grad_output, const pt2__upsample_backward_args_t* args,
    pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_UPSAMPLE_BACKWARD_H_
