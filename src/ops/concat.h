// SPDX-License-Identifier: Apache-2.0
//
// What concatenation means on any device.
#ifndef PT2_SRC_OPS_CONCAT_H_
#define PT2_SRC_OPS_CONCAT_H_

#include "tensor/tensor.h"

typedef struct {
  int64_t dim;
  int32_t dtype;
  int32_t rank;
  int64_t sizes[PT2__MAX_RANK];
  int64_t strides[PT2__MAX_RANK];
  bool channels_last;  // the result's order of dimensions; row-major if not
} pt2__concat_t;

// Checks the arguments; the result's dtype, sizes and strides.
PT2_MUST_USE pt2_status_t
pt2__concat_resolve(const pt2_tensor_t* const* tensors, int64_t count,
                    int64_t dim, pt2__concat_t* out_concat);

// True for 1-d tensors without elements, which go with tensors of any rank.
bool pt2__concat_skips(const pt2_tensor_t* tensor);

#endif  // PT2_SRC_OPS_CONCAT_H_
