// SPDX-License-Identifier: Apache-2.0
//
// What every element-wise operator means on any device: the dtype that its
// inputs are promoted to, the broadcast sizes, how torch lays out the result,
// and a plan of the loops over all elements.
#ifndef PT2_SRC_OPS_ELEMENTWISE_H_
#define PT2_SRC_OPS_ELEMENTWISE_H_

#include "ops/op.h"

// An operator has at most this many inputs.
#define PT2__ELEMENTWISE_INPUTS 3
#define PT2__ELEMENTWISE_OPERANDS (PT2__ELEMENTWISE_INPUTS + 1)

// ---- Promotion --------------------------------------------------------------

// torch.result_type: dtypes are collected in three categories, of which a lower
// one counts only if it is of a higher kind (complex over float over integer
// over bool). Start with PT2__PROMOTION_NONE.
typedef struct {
  int32_t dimensioned;  // tensors of rank 1 and more
  int32_t zero_dim;
  int32_t number;  // what a model passes as a plain number
} pt2__promotion_t;

#define PT2__PROMOTION_NONE \
  { PT2_DTYPE_UNDEFINED, PT2_DTYPE_UNDEFINED, PT2_DTYPE_UNDEFINED }

// Errors: INVALID_ARGUMENT  torch does not promote these dtypes to one
PT2_MUST_USE pt2_status_t pt2__promotion_add(pt2__promotion_t* promotion,
                                             const pt2_tensor_t* tensor);
// A plain number of |dtype|; a floating one counts as f32, a complex one as
// complex64, whatever its precision.
PT2_MUST_USE pt2_status_t pt2__promotion_add_number(pt2__promotion_t* promotion,
                                                    int32_t dtype);
PT2_MUST_USE pt2_status_t
pt2__promotion_result(const pt2__promotion_t* promotion, int32_t* out_dtype);

// The dtype that |count| tensors are promoted to.
PT2_MUST_USE pt2_status_t pt2__elementwise_promote(
    const pt2_tensor_t* const* inputs, int count, int32_t* out_dtype);

// A new 0-d tensor with a number that a model passed as double. It counts for
// the promotion by pt2__promotion_add_number.
PT2_MUST_USE pt2_status_t pt2__elementwise_number(double value,
                                                  pt2_tensor_t** out_tensor);

// Fails if |dtype| cannot hold |value|, as torch does where it converts a plain
// number to the dtype of a tensor. A fraction is dropped, bool holds all.
PT2_MUST_USE pt2_status_t pt2__elementwise_check_number(double value,
                                                        int32_t dtype);
// The same of an integer: a negative one wraps in an unsigned dtype that holds
// its magnitude.
PT2_MUST_USE pt2_status_t pt2__elementwise_check_integer(int64_t value,
                                                         int32_t dtype);

// ---- Geometry ---------------------------------------------------------------

typedef struct {
  int32_t rank;
  int64_t sizes[PT2__MAX_RANK];
  int64_t strides[PT2__MAX_RANK];
} pt2__elementwise_shape_t;

// The sizes that |sizes| and the shape's own broadcast to.
//
// Errors: INVALID_ARGUMENT  they do not match
PT2_MUST_USE pt2_status_t pt2__elementwise_broadcast(
    int64_t rank, const int64_t* sizes, pt2__elementwise_shape_t* shape);

// Sizes and strides of the result: those that the inputs have in common, or
// else their order of dimensions, packed. |dtype| is what the inputs are
// promoted to: one of another dtype counts as its converted copy.
PT2_MUST_USE pt2_status_t
pt2__elementwise_shape(const pt2_tensor_t* const* inputs, int count,
                       int32_t dtype, pt2__elementwise_shape_t* out_shape);

// ---- Loops ------------------------------------------------------------------

// Nested loops over the elements of a result (operand 0) and of the inputs
// (from 1 on), with as few dimensions as their strides allow. Dimension 0 is
// the innermost one; there is at least one.
typedef struct {
  int rank;
  int operands;
  int64_t numel;
  int64_t sizes[PT2__MAX_RANK];
  int64_t strides[PT2__ELEMENTWISE_OPERANDS][PT2__MAX_RANK];  // bytes
  char* data[PT2__ELEMENTWISE_OPERANDS];
} pt2__elementwise_plan_t;

// |inputs| must broadcast to |result|'s sizes.
void pt2__elementwise_plan(const pt2_tensor_t* result,
                           const pt2_tensor_t* const* inputs, int count,
                           pt2__elementwise_plan_t* out_plan);

#endif  // PT2_SRC_OPS_ELEMENTWISE_H_
