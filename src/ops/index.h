// SPDX-License-Identifier: Apache-2.0
//
// Indexing by tensors on any device: what index and index_put do before a
// kernel moves elements.
#ifndef PT2_SRC_OPS_INDEX_H_
#define PT2_SRC_OPS_INDEX_H_

#include "ops/op.h"

// self[indices] as a walk: the result has the dimensions |before|, those that
// the indices have together (|across|), and those |after| them. Strides are of
// self, in bytes; 0 for |across|, whose places are in |offsets|.
typedef struct {
  int64_t rank;
  int64_t before;  // dimensions
  int64_t across;
  int64_t sizes[PT2__MAX_RANK];
  int64_t strides[PT2__MAX_RANK];
  // One byte offset into self for each place of the |across| dimensions, in
  // row-major order; |offset_count| of them.
  int64_t* offsets;
  int64_t offset_count;
  // The strides that torch gives the result of index.
  int64_t result_strides[PT2__MAX_RANK];
} pt2__index_plan_t;

// Makes the walk for |count| indices (NULL or undefined: all of a dimension);
// integers count from the end if negative, masks of bool or byte stand for the
// places where they are true. Every index is checked: nothing fails later.
//
// Ownership: pt2__index_plan_free.
PT2_MUST_USE pt2_status_t pt2__index_plan(const pt2_tensor_t* self,
                                          const pt2_tensor_t* const* indices,
                                          int64_t count,
                                          pt2__index_plan_t* out_plan);
void pt2__index_plan_free(pt2__index_plan_t* plan);

// Strides of |values| broadcast to the plan's sizes, in bytes; |shape_name|
// says in messages what they are.
PT2_MUST_USE pt2_status_t
pt2__index_value_strides(const pt2__index_plan_t* plan,
                         const pt2_tensor_t* values, int64_t* out_strides);

// The strides that torch's iterator gives a new result of |sizes| when it is
// computed from operands with these strides (each an array of |rank|; 0 where
// broadcast): packed, in the order of the operands' own strides.
void pt2__op_iterator_strides(int64_t rank, const int64_t* sizes,
                              int64_t operand_count,
                              const int64_t* const* operand_strides,
                              int64_t* out_strides);

// Whether the stretches of memory that |a| and |b| span have bytes in common.
bool pt2__op_memory_meets(const pt2_tensor_t* a, const pt2_tensor_t* b);

// Places where |tensor| is not 0, as a [count, rank] tensor of i64 with
// strides [1, count].
PT2_MUST_USE pt2_status_t pt2__op_nonzero(const pt2_tensor_t* tensor,
                                          pt2_tensor_t** out_places);

#endif  // PT2_SRC_OPS_INDEX_H_
