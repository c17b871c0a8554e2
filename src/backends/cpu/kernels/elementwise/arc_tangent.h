// SPDX-License-Identifier: Apache-2.0
//
// Angles of complex numbers.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_ARC_TANGENT_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_ARC_TANGENT_H_

#include "backends/cpu/kernels/elementwise/elementwise.h"

// The loops of complex numbers (data[1]) to their angles for one instruction
// set.
#define PT2_ANGLE_LOOP(name)                                     \
  void pt2__angle_##name(const void* context, char* const* data, \
                         const int64_t* strides, int64_t count);
PT2_ANGLE_LOOP(c64_avx2)
PT2_ANGLE_LOOP(c128_avx2)
PT2_ANGLE_LOOP(c64_avx512)
PT2_ANGLE_LOOP(c128_avx512)

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_ARC_TANGENT_H_
