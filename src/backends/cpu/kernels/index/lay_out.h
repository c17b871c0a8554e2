// SPDX-License-Identifier: Apache-2.0
//
// Brings a tensor into the dtype and layout that a kernel takes.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_LAY_OUT_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_LAY_OUT_H_

#include "tensor/tensor.h"

// |source| itself (a new alias) if it has |dtype| and is row-major, or, of rank
// 4 or 5 with |channels_last|, has its channels innermost; else a copy that
// does.
PT2_MUST_USE pt2_status_t pt2__lay_out(const pt2_tensor_t* source,
                                       int32_t dtype, bool channels_last,
                                       pt2_tensor_t** out_tensor);

// A new tensor that lies so.
PT2_MUST_USE pt2_status_t pt2__lay_out_empty(int32_t dtype, int64_t rank,
                                             const int64_t* sizes,
                                             bool channels_last,
                                             pt2_tensor_t** out_tensor);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_LAY_OUT_H_
