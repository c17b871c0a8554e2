// SPDX-License-Identifier: Apache-2.0
//
// Runs a checked product of three tensors on the CPU.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_TRILINEAR_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_TRILINEAR_H_

#include "ops/trilinear.h"

// Adds the products of |trilinear|, which is not empty, to |out|, a row-major
// tensor of its result's sizes.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__trilinear(const pt2__trilinear_t* trilinear,
                                         pt2_tensor_t* out);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_TRILINEAR_H_
