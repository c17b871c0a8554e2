// SPDX-License-Identifier: Apache-2.0
//
// Paddings and their gradients on the CPU.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_PAD_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_PAD_H_

#include "ops/padding.h"

// Fills |output|, dense with |pad|'s sizes and strides, from |input| of the
// same dtype. |pad| does not only trim.
//
// Errors: OUT_OF_MEMORY.
PT2_MUST_USE pt2_status_t pt2__pad_run(const pt2__pad_t* pad,
                                       const pt2_tensor_t* input,
                                       pt2_tensor_t* output);

// The gradient of a replication padding of |spatial| dimensions, whole.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype), OUT_OF_MEMORY.
PT2_MUST_USE pt2_status_t pt2__replication_pad_backward(
    const pt2_tensor_t* grad_output, const pt2_tensor_t* self,
    pt2__int_list_t padding, int spatial, pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_PAD_H_
