// SPDX-License-Identifier: Apache-2.0
//
// Moves the elements that a mask chooses.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_MASK_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_MASK_H_

#include "ops/mask.h"

// Number of |count| bytes that are not 0.
int64_t pt2__mask_count(const uint8_t* mask, int64_t count);

// Writes the elements of |bytes| where |mask| is not 0 to |target|, side by
// side. |chosen| of |mask| are.
void pt2__mask_gather(const uint8_t* mask, int64_t chosen, int64_t bytes,
                      const void* source, void* target);
// The reverse: the first |chosen| of |source| go where |mask| is not 0.
void pt2__mask_scatter(const uint8_t* mask, int64_t chosen, int64_t bytes,
                       const void* source, void* target);

// The elements of |self| where |mask| is true, row-major: a new tensor of rank
// 1 with room for |at_least| elements, of which those behind are zeros.
// |*out_chosen| of them were taken.
PT2_MUST_USE pt2_status_t pt2__mask_select(
    const char* name, const pt2_tensor_t* self, const pt2_tensor_t* mask,
    int64_t at_least, int64_t* out_chosen, pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_MASK_H_
