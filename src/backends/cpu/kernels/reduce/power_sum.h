// SPDX-License-Identifier: Apache-2.0
//
// Sums of powers of absolute values, which norms are roots of.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_POWER_SUM_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_POWER_SUM_H_

#include "tensor/tensor.h"

// The sum of |x|^order over |count| elements side by side of a real or complex
// dtype. 0^0 is 1, and an infinite |order| is a power too.
double pt2__power_sum(int32_t dtype, const void* from, int64_t count,
                      double order);

// How many of them are not 0, NaN among these.
double pt2__count_of_others_than_zero(int32_t dtype, const void* from,
                                      int64_t count);

// The largest absolute value, or the smallest if |largest| is not set; NaN if
// there is one. 0, or infinity, of no elements.
double pt2__absolute_extreme(int32_t dtype, const void* from, int64_t count,
                             bool largest);

// For floats: the sum of their absolute values, or of their squares, and
// pt2__absolute_extreme, of one instruction set.
typedef struct {
  double (*sum)(const float* from, int64_t count, bool squares);
  double (*extreme)(const float* from, int64_t count, bool largest);
} pt2__float_norms_t;

extern const pt2__float_norms_t pt2__float_norms_generic;
#if defined(__x86_64__)
extern const pt2__float_norms_t pt2__float_norms_avx2;
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_POWER_SUM_H_
