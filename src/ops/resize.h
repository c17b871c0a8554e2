// SPDX-License-Identifier: Apache-2.0
//
// Changes of a tensor's own geometry and memory.
#ifndef PT2_SRC_OPS_RESIZE_H_
#define PT2_SRC_OPS_RESIZE_H_

#include "ops/op.h"

// Makes |self| a view of |storage| with its own dtype. Where the storage is too
// small |self| gets a larger one that begins with the same bytes: other tensors
// keep the old one, for they know where it lies.
PT2_MUST_USE pt2_status_t pt2__resize_over(pt2_tensor_t* self,
                                           pt2__storage_t* storage,
                                           int64_t rank, const int64_t* sizes,
                                           const int64_t* strides,
                                           int64_t storage_offset);

// torch's resize_: row-major strides, but for the same sizes those that there
// were, or the strides of |*memory_format|; NULL: none.
PT2_MUST_USE pt2_status_t pt2__resize(pt2_tensor_t* self, int64_t rank,
                                      const int64_t* sizes,
                                      const int32_t* memory_format);

#endif  // PT2_SRC_OPS_RESIZE_H_
