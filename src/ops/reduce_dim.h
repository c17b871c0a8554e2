// SPDX-License-Identifier: Apache-2.0
//
// Results of what reduces one dimension to a value and its place (kthvalue,
// mode, median).
#ifndef PT2_SRC_OPS_REDUCE_DIM_H_
#define PT2_SRC_OPS_REDUCE_DIM_H_

#include "ops/op.h"

// Makes row-major results of |self|'s sizes without |dim| (wrapped), or with
// size 1 there if |keep|: the values of |self|'s dtype, the places i64.
PT2_MUST_USE pt2_status_t pt2__reduce_dim_results(const pt2_tensor_t* self,
                                                  int64_t dim, bool keep,
                                                  pt2_tensor_t** out_values,
                                                  pt2_tensor_t** out_places);

#endif  // PT2_SRC_OPS_REDUCE_DIM_H_
