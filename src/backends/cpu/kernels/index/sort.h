// SPDX-License-Identifier: Apache-2.0
//
// Order along one dimension: everything, or the first few.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_SORT_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_SORT_H_

#include "ops/op.h"

// Writes the |count| smallest (largest, if |descending|) of |self|'s elements
// along |dim| to |values| and their places to |indices| (i64), in order, equal
// ones in the order in which they come. NaN is larger than any number. Both
// results have |self|'s sizes but |count| along |dim|.
//
// Errors: INVALID_ARGUMENT  a dtype without order
//         OUT_OF_MEMORY     the results are untouched
PT2_MUST_USE pt2_status_t pt2__sort(const pt2_tensor_t* self, int64_t dim,
                                    int64_t count, bool descending,
                                    pt2_tensor_t* values,
                                    pt2_tensor_t* indices);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_SORT_H_
