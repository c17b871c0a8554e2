// SPDX-License-Identifier: Apache-2.0
//
// One number in all elements of a tensor.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_FILL_NUMBER_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_FILL_NUMBER_H_

#include "ops/op.h"

// torch's fill_: |tensor| may have any strides, 0 too.
//
// Errors: INVALID_ARGUMENT  its dtype cannot hold |value|
PT2_MUST_USE pt2_status_t pt2__fill_number(pt2_tensor_t* tensor, double value);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_FILL_NUMBER_H_
