// SPDX-License-Identifier: Apache-2.0
//
// One number in all elements of a tensor.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_FILL_NUMBER_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_FILL_NUMBER_H_

#include "ops/boxed.h"
#include "ops/op.h"

// torch's fill_: |tensor| may have any strides, 0 too.
//
// Errors: INVALID_ARGUMENT  its dtype cannot hold |value|
PT2_MUST_USE pt2_status_t pt2__fill_number(pt2_tensor_t* tensor, double value);

// The number that is argument |at| or |name| of a call by name as an element of
// |dtype|, at most 16 bytes. Integers of 64 bits are exact.
//
// Errors: INVALID_ARGUMENT  it is none, or |dtype| cannot hold it
PT2_MUST_USE pt2_status_t pt2__boxed_element(const pt2__boxed_t* boxed,
                                             size_t at, const char* name,
                                             int32_t dtype, void* element);
// Copies |element|, of the tensor's dtype, to all its elements.
void pt2__fill_element(pt2_tensor_t* tensor, const void* element);

// Bytes of a pattern; elements of all sizes divide it.
#define PT2__FILL_PATTERN 32

// Writes |bytes| of |pattern|, again and again.
void pt2__fill_repeat_avx2(char* to, int64_t bytes, const void* pattern);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_FILL_NUMBER_H_
