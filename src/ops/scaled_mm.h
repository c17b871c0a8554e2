// SPDX-License-Identifier: Apache-2.0
//
// What _scaled_mm means on any device: a product of float8 matrices, each with
// one scale or with one for each row (of the second: column).
#ifndef PT2_SRC_OPS_SCALED_MM_H_
#define PT2_SRC_OPS_SCALED_MM_H_

#include "ops/op.h"

// out = ((a * scale_a) @ (b * scale_b) + bias) * factor, in float.
typedef struct {
  int64_t m, n, k;
  const pt2_tensor_t* a;        // m x k, float8
  const pt2_tensor_t* b;        // k x n, float8
  const pt2_tensor_t* scale_a;  // float: one, or m x 1
  const pt2_tensor_t* scale_b;  // float: one, or 1 x n
  const pt2_tensor_t* bias;     // broadcasts to m x n; NULL: none
  bool by_rows;                 // which scales they are
  float factor;
  int32_t out_dtype;
} pt2__scaled_mm_t;

// Checks the arguments and fills in |*mm|, which borrows the tensors. |bias|,
// |scale_result| and |out_dtype| may be NULL.
//
// Errors: INVALID_ARGUMENT  as torch says it
PT2_MUST_USE pt2_status_t
pt2__scaled_mm_check(const pt2_tensor_t* a, const pt2_tensor_t* b,
                     const pt2_tensor_t* scale_a, const pt2_tensor_t* scale_b,
                     const pt2_tensor_t* bias, const pt2_tensor_t* scale_result,
                     const int32_t* out_dtype, pt2__scaled_mm_t* mm);

// Checks that |out| can take the result.
PT2_MUST_USE pt2_status_t pt2__scaled_mm_check_out(const pt2__scaled_mm_t* mm,
                                                   const int32_t* out_dtype,
                                                   const pt2_tensor_t* out);

#endif  // PT2_SRC_OPS_SCALED_MM_H_
