// SPDX-License-Identifier: Apache-2.0
//
// What _trilinear means on any device: the product of three tensors that are
// expanded to the same dimensions, summed over some of them.
#ifndef PT2_SRC_OPS_TRILINEAR_H_
#define PT2_SRC_OPS_TRILINEAR_H_

#include "ops/op.h"

// Dimensions as the C function takes them.
typedef struct {
  const int64_t* dims;
  int64_t count;
} pt2__trilinear_dims_t;

typedef struct {
  const pt2_tensor_t* operands[3];
  int32_t rank;  // of the operands when they are expanded
  // Sizes (1: expanded) and strides of each operand.
  int64_t sizes[3][PT2__MAX_RANK];
  int64_t strides[3][PT2__MAX_RANK];
  bool sum[PT2__MAX_RANK];
  // The third operand has this dimension: it is summed with that one.
  bool third[PT2__MAX_RANK];
  int32_t unroll;  // the dimension that is taken one slice at a time
  int64_t unroll_size;
  // The result, with 1 for each sum.
  int64_t result[PT2__MAX_RANK];
  bool empty;  // nothing is added to the zeros of the result
} pt2__trilinear_t;

// Checks the arguments and fills in |*trilinear|, which borrows the tensors.
// |supported| tells for which dtypes the device has matrix products.
//
// Errors: INVALID_ARGUMENT  as torch says it
PT2_MUST_USE pt2_status_t pt2__trilinear_check(
    const pt2_tensor_t* const operands[3],
    const pt2__trilinear_dims_t expand[3], pt2__trilinear_dims_t sum,
    int64_t unroll, bool (*supported)(int32_t dtype),
    pt2__trilinear_t* trilinear);

#endif  // PT2_SRC_OPS_TRILINEAR_H_
