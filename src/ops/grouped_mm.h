// SPDX-License-Identifier: Apache-2.0
//
// What _grouped_mm means on any device: products of slices that offsets cut out
// of the operand (or operands) of two dimensions.
#ifndef PT2_SRC_OPS_GROUPED_MM_H_
#define PT2_SRC_OPS_GROUPED_MM_H_

#include "ops/op.h"

typedef struct {
  const pt2_tensor_t* a;        // [m, k] or [groups, m, k]
  const pt2_tensor_t* b;        // [k, n] or [groups, k, n]
  const pt2_tensor_t* offsets;  // int32, the ends of the slices; NULL: none
  int64_t groups;
  int out_rank;
  int64_t out_sizes[3];
  int64_t out_strides[3];  // rows begin at multiples of 16 bytes
} pt2__grouped_mm_t;

// One of the products; offsets in elements.
typedef struct {
  int64_t m, n, k;
  int64_t a_at, b_at, out_at;
} pt2__grouped_mm_product_t;

// Checks the arguments, the offsets included, and fills in |*mm|, which borrows
// the tensors. |offsets|, |bias| and |out_dtype| may be NULL.
//
// Errors: INVALID_ARGUMENT  as torch says it
PT2_MUST_USE pt2_status_t pt2__grouped_mm_check(
    const pt2_tensor_t* a, const pt2_tensor_t* b, const pt2_tensor_t* offsets,
    const pt2_tensor_t* bias, const int32_t* out_dtype, pt2__grouped_mm_t* mm);

// Product number |group|. Offsets that run backwards or out of the operand cut
// as a slice does: nothing, or what there is.
pt2__grouped_mm_product_t pt2__grouped_mm_product(const pt2__grouped_mm_t* mm,
                                                  int64_t group);

// True if the products write every element of the result.
bool pt2__grouped_mm_fills(const pt2__grouped_mm_t* mm);

#endif  // PT2_SRC_OPS_GROUPED_MM_H_
