// SPDX-License-Identifier: Apache-2.0
//
// scatter and scatter_reduce on any device: checks of their arguments.
#ifndef PT2_SRC_OPS_SCATTER_H_
#define PT2_SRC_OPS_SCATTER_H_

#include "ops/op.h"

typedef enum {
  PT2__SCATTER_SET,
  PT2__SCATTER_SUM,
  PT2__SCATTER_PRODUCT,
  PT2__SCATTER_MEAN,
  PT2__SCATTER_MAX,
  PT2__SCATTER_MIN,
} pt2__scatter_t;

// "sum", "prod", "mean", "amax" or "amin".
PT2_MUST_USE pt2_status_t pt2__scatter_parse(const char* reduce,
                                             pt2__scatter_t* out_kind);

// Wraps |*dim| and fails unless |index| fits into |self| (apart from |*dim|)
// and into |src| (NULL: a single value) and |out| looks like |self|. The values
// of |index| are for pt2__scatter_check_indices.
PT2_MUST_USE pt2_status_t pt2__scatter_check(const pt2_tensor_t* out,
                                             const pt2_tensor_t* self,
                                             int64_t* dim,
                                             const pt2_tensor_t* index,
                                             const pt2_tensor_t* src);

// The same for gather, which reads from |self|.
PT2_MUST_USE pt2_status_t pt2__gather_check(const pt2_tensor_t* self,
                                            int64_t* dim,
                                            const pt2_tensor_t* index);

// Fails unless every index lies inside of |self|'s |dim|, which was wrapped.
PT2_MUST_USE pt2_status_t pt2__scatter_check_indices(const pt2_tensor_t* self,
                                                     int64_t dim,
                                                     const pt2_tensor_t* index);

#endif  // PT2_SRC_OPS_SCATTER_H_
