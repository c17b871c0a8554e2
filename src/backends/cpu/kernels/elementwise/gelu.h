// SPDX-License-Identifier: Apache-2.0
//
// gelu by the error function, in place.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_GELU_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_GELU_H_

#include <stdint.h>

void pt2__gelu_f32(float* values, int64_t count);

void pt2__gelu_f32_generic(float* values, int64_t count);
#if defined(__x86_64__)
void pt2__gelu_f32_avx2(float* values, int64_t count);
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_GELU_H_
