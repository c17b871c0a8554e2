// SPDX-License-Identifier: Apache-2.0
//
// Running extremes along one dimension.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_CUMMAX_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_CUMMAX_H_

#include "ops/op.h"

// The largest (smallest, unless |largest|) of the elements so far along |dim|
// and where it is, as new row-major tensors. Of equal ones the last counts, and
// NaN is more extreme than any number.
PT2_MUST_USE pt2_status_t pt2__cummax(bool largest, const pt2_tensor_t* self,
                                      int64_t dim, AtenTensorHandle* out_values,
                                      AtenTensorHandle* out_indices);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_CUMMAX_H_
