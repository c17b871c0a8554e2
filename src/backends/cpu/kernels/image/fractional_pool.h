// SPDX-License-Identifier: Apache-2.0
//
// Fractional max pooling and its gradient on the CPU: whole operators.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_FRACTIONAL_POOL_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_FRACTIONAL_POOL_H_

#include "ops/fractional_pool.h"

// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype), OUT_OF_MEMORY.
PT2_MUST_USE pt2_status_t pt2__fractional_pool(
    const pt2_tensor_t* self, int spatial, pt2__int_list_t kernel_size,
    pt2__int_list_t output_size, const pt2_tensor_t* samples,
    pt2_tensor_t** out_result, pt2_tensor_t** out_indices);

// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype), OUT_OF_MEMORY.
PT2_MUST_USE pt2_status_t pt2__fractional_pool_backward(
    const pt2_tensor_t* grad_output, const pt2_tensor_t* self, int spatial,
    pt2__int_list_t output_size, const pt2_tensor_t* indices,
    pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_FRACTIONAL_POOL_H_
