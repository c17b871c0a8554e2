// SPDX-License-Identifier: Apache-2.0
//
// What products with weights of 8 or 4 bits mean on any device: checks of their
// arguments, with torch's words.
#ifndef PT2_SRC_OPS_WEIGHT_ONLY_H_
#define PT2_SRC_OPS_WEIGHT_ONLY_H_

#include "ops/op.h"

// aten::_weight_int8pack_mm: |self| is m x k, |mat2| n x k, |scales| has n
// elements.
//
// Errors: INVALID_ARGUMENT
PT2_MUST_USE pt2_status_t
pt2__weight_only_check_int8(const pt2_tensor_t* self, const pt2_tensor_t* mat2,
                            const pt2_tensor_t* scales);

// aten::_weight_int4pack_mm_for_cpu: |mat2| is n x k / 2, |group| one element,
// whose value goes to |*out_group|, |scales_zeros| [groups, n, 2].
//
// Errors: INVALID_ARGUMENT
PT2_MUST_USE pt2_status_t pt2__weight_only_check_int4(
    const pt2_tensor_t* self, const pt2_tensor_t* mat2,
    const pt2_tensor_t* group, const pt2_tensor_t* scales_zeros,
    int64_t* out_group);

#endif  // PT2_SRC_OPS_WEIGHT_ONLY_H_
