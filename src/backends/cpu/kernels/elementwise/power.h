// SPDX-License-Identifier: Apache-2.0
//
// Powers with any exponent.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_POWER_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_POWER_H_

#include "backends/cpu/kernels/elementwise/elementwise.h"
#include "ops/arithmetic.h"

// data[1] to the power of data[2]; NULL for dtypes that have none. Powers of
// integers wrap around; with a negative exponent they are 0 but for 1 and -1.
pt2__elementwise_loop_fn pt2__power_loop(int32_t dtype);

// The loop of floats where there is AVX2, AVX-512.
void pt2__power_f32_avx2(const void* context, char* const* data,
                         const int64_t* strides, int64_t count);
void pt2__power_f32_avx512(const void* context, char* const* data,
                           const int64_t* strides, int64_t count);

// The operator aten::pow, for lists of tensors too: of a pair, and of one whose
// second or first operand is a number, the same as |exponent| or |self|.
PT2_MUST_USE pt2_status_t pt2__power(const pt2__pair_t* pair,
                                     pt2_tensor_t** out_result);
PT2_MUST_USE pt2_status_t pt2__power_to_number(const pt2__pair_t* pair,
                                               double exponent,
                                               pt2_tensor_t** out_result);
PT2_MUST_USE pt2_status_t pt2__power_of_number(double self,
                                               const pt2__pair_t* pair,
                                               pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_POWER_H_
