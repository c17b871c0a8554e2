// SPDX-License-Identifier: Apache-2.0
//
// The lower median, of everything or along one dimension.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_MEDIAN_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_MEDIAN_H_

#include "ops/op.h"

// Of all elements, as a tensor of rank 0. With |skip_nan| of those that are not
// NaN, else NaN if there is one. Of no elements: NaN, or what torch makes of it
// as an integer.
PT2_MUST_USE pt2_status_t pt2__median(const pt2_tensor_t* self, bool skip_nan,
                                      AtenTensorHandle* out_median);

// Of each row along |dim|, and where it is.
PT2_MUST_USE pt2_status_t pt2__median_dim(const pt2_tensor_t* self, int64_t dim,
                                          bool keep, bool skip_nan,
                                          pt2_tensor_t** out_values,
                                          pt2_tensor_t** out_places);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_MEDIAN_H_
