// SPDX-License-Identifier: Apache-2.0
//
// Results of what reduces one dimension to a value and its place (kthvalue,
// mode, median), or several to one value.
#ifndef PT2_SRC_OPS_REDUCE_DIM_H_
#define PT2_SRC_OPS_REDUCE_DIM_H_

#include "ops/op.h"

// Makes row-major results of |self|'s sizes without |dim| (wrapped), or with
// size 1 there if |keep|: the values of |self|'s dtype, the places i64.
PT2_MUST_USE pt2_status_t pt2__reduce_dim_results(const pt2_tensor_t* self,
                                                  int64_t dim, bool keep,
                                                  pt2_tensor_t** out_values,
                                                  pt2_tensor_t** out_places);

// What reduces any number of dimensions: the result's sizes, and its strides
// along each dimension of |self| (0 where it is reduced) when it is row-major.
typedef struct {
  bool reduced[PT2__MAX_RANK];
  int64_t steps[PT2__MAX_RANK];
  int32_t rank;
  int64_t sizes[PT2__MAX_RANK];
} pt2__reduce_dims_t;

// |all| without |dims|: whether none stands for all dimensions.
PT2_MUST_USE pt2_status_t pt2__reduce_dims(const pt2_tensor_t* self,
                                           const int64_t* dims, int64_t count,
                                           bool all, bool keep,
                                           pt2__reduce_dims_t* out_shape);

// Goes to the next element of a row-major |from|; |*place| is that of the
// result. |index| begins with zeros.
static inline void pt2__reduce_dims_next(const pt2_tensor_t* from,
                                         const pt2__reduce_dims_t* shape,
                                         int64_t* index, int64_t* place) {
  for (int32_t d = from->rank - 1; d >= 0; --d) {
    *place += shape->steps[d];
    if (++index[d] < from->sizes[d]) {
      return;
    }
    *place -= shape->steps[d] * index[d];
    index[d] = 0;
  }
}

#endif  // PT2_SRC_OPS_REDUCE_DIM_H_
