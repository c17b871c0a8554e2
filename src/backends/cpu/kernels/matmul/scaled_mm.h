// SPDX-License-Identifier: Apache-2.0
//
// Runs a checked product of scaled float8 matrices on the CPU.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_SCALED_MM_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_SCALED_MM_H_

#include "ops/scaled_mm.h"

// Computes |mm| into |out|, whose dtype and strides are any; it may share
// memory with the operands.
//
// Errors: OUT_OF_MEMORY; INVALID_ARGUMENT  the bias does not broadcast
PT2_MUST_USE pt2_status_t pt2__scaled_mm(const pt2__scaled_mm_t* mm,
                                         pt2_tensor_t* out);

// The operator with a new row-major result.
PT2_MUST_USE pt2_status_t
pt2__scaled_mm_new(const pt2_tensor_t* a, const pt2_tensor_t* b,
                   const pt2_tensor_t* scale_a, const pt2_tensor_t* scale_b,
                   const pt2_tensor_t* bias, const pt2_tensor_t* scale_result,
                   const int32_t* out_dtype, pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_SCALED_MM_H_
