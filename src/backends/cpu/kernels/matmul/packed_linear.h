// SPDX-License-Identifier: Apache-2.0
//
// Linear layers whose weights were packed by an operator of the model, as
// PyTorch's wrappers of FBGEMM have them. What the model sees of a packed
// weight are 8 bytes; the weight itself belongs to their storage.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_PACKED_LINEAR_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_PACKED_LINEAR_H_

#include "ops/op.h"

// A matrix [n, k] of float, rounded to float16.
//
// Errors: INVALID_ARGUMENT, OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__packed_linear_pack_f16(
    const pt2_tensor_t* weight, pt2_tensor_t** out_packed);

// input [..., k] times such a weight, plus |bias| (n or one element; may be
// NULL).
//
// Errors: INVALID_ARGUMENT, OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__packed_linear_f16(const pt2_tensor_t* input,
                                                 const pt2_tensor_t* packed,
                                                 const pt2_tensor_t* bias,
                                                 pt2_tensor_t** out_result);

// A matrix [n, k] of float, rounded to int8 with one scale and zero point, and
// a bias [n] (may be NULL).
//
// Errors: INVALID_ARGUMENT, OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__packed_linear_pack_int8(
    const pt2_tensor_t* weight, const pt2_tensor_t* scale,
    const pt2_tensor_t* zero_point, const pt2_tensor_t* bias,
    pt2_tensor_t** out_packed);

// input [..., k] of float, rounded to uint8, times such a weight; the result
// is what uint8 with its own scale can say, as float.
//
// Errors: INVALID_ARGUMENT, OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__packed_linear_int8(
    const pt2_tensor_t* input, const pt2_tensor_t* scale,
    const pt2_tensor_t* zero_point, const pt2_tensor_t* packed,
    const pt2_tensor_t* out_scale, const pt2_tensor_t* out_zero_point,
    pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_PACKED_LINEAR_H_
