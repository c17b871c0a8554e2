// SPDX-License-Identifier: Apache-2.0
//
// What PyTorch's mkldnn operators let follow a convolution or a matrix product:
// a second operand, then a function of each element.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_POINTWISE_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_POINTWISE_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

typedef struct {
  int32_t binary;   // 0: none
  int32_t unary;    // 0: none
  float low, high;  // bounds of hardtanh; |low| is the slope of leaky_relu
} pt2__pointwise_t;

// Reads the function's name ("relu", "gelu" …; NULL and "none" are none), its
// |scalars| (entries may be NULL) and, of gelu, the |algorithm| ("none" or
// "tanh") into |*pointwise|.
//
// Errors: INVALID_ARGUMENT  as torch says it
PT2_MUST_USE pt2_status_t pt2__pointwise_parse_unary(
    const char* name, const double* const* scalars, int64_t scalar_count,
    const char* algorithm, pt2__pointwise_t* pointwise);

// The same for "add", "sub", "mul" or "div".
PT2_MUST_USE pt2_status_t
pt2__pointwise_parse_binary(const char* name, pt2__pointwise_t* pointwise);

// True if all it does is clamp values to [low, high], of a NaN nothing.
bool pt2__pointwise_as_clamp(const pt2__pointwise_t* pointwise, float* out_low,
                             float* out_high);

// Changes |count| values in place; |other| has the second operands if there is
// a binary function.
void pt2__pointwise_apply(const pt2__pointwise_t* pointwise, float* values,
                          const float* other, int64_t count);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_POINTWISE_H_
