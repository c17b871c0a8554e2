// SPDX-License-Identifier: Apache-2.0
//
// Powers with any exponent.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_POWER_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_POWER_H_

#include "backends/cpu/kernels/elementwise.h"

// data[1] to the power of data[2]; NULL for dtypes that have none. Powers of
// integers wrap around; with a negative exponent they are 0 but for 1 and -1.
pt2__elementwise_loop_fn pt2__power_loop(int32_t dtype);

// The loop of floats where there is AVX2, AVX-512.
void pt2__power_f32_avx2(const void* context, char* const* data,
                         const int64_t* strides, int64_t count);
void pt2__power_f32_avx512(const void* context, char* const* data,
                           const int64_t* strides, int64_t count);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_POWER_H_
