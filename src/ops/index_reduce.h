// SPDX-License-Identifier: Apache-2.0
//
// index_reduce on any device: checks of its arguments.
#ifndef PT2_SRC_OPS_INDEX_REDUCE_H_
#define PT2_SRC_OPS_INDEX_REDUCE_H_

#include "ops/scatter.h"

// "prod", "mean", "amax" or "amin".
PT2_MUST_USE pt2_status_t pt2__index_reduce_parse(const char* reduce,
                                                  pt2__scatter_t* out_kind);

// Wraps |*dim| and fails unless |source| is |self| with as many slices along
// |*dim| as |index| has elements, and every index lies inside.
PT2_MUST_USE pt2_status_t pt2__index_reduce_check(const pt2_tensor_t* self,
                                                  int64_t* dim,
                                                  const pt2_tensor_t* index,
                                                  const pt2_tensor_t* source);

#endif  // PT2_SRC_OPS_INDEX_REDUCE_H_
