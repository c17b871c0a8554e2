// SPDX-License-Identifier: Apache-2.0
//
// masked_select and masked_scatter on any device: a tensor and a mask of bools
// that are broadcast together.
#ifndef PT2_SRC_OPS_MASK_H_
#define PT2_SRC_OPS_MASK_H_

#include "ops/op.h"

// Checks both, that |mask| is of bools and that the sizes broadcast; |name|
// begins the messages. The results are views of the common sizes.
//
// Ownership: the caller's (pt2__tensor_release).
PT2_MUST_USE pt2_status_t pt2__mask_expand(const char* name,
                                           const pt2_tensor_t* self,
                                           const pt2_tensor_t* mask,
                                           pt2_tensor_t** out_self,
                                           pt2_tensor_t** out_mask);

#endif  // PT2_SRC_OPS_MASK_H_
