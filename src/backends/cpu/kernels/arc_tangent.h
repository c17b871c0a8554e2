// SPDX-License-Identifier: Apache-2.0
//
// Angles of complex numbers.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ARC_TANGENT_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ARC_TANGENT_H_

#include "backends/cpu/kernels/elementwise.h"

// The loop of complex64 (data[1]) to f32 where there is AVX2.
void pt2__angle_c64_avx2(const void* context, char* const* data,
                         const int64_t* strides, int64_t count);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ARC_TANGENT_H_
