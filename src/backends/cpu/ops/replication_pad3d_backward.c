// SPDX-License-Identifier: Apache-2.0
//
// aten::replication_pad3d_backward, by name.
#include "backends/cpu/kernels/index/pad.h"
#include "ops/boxed.h"

// (Tensor grad_output, Tensor self, SymInt[6] padding)
static pt2_status_t backward(const pt2__boxed_t* boxed,
                             pt2_tensor_t** results) {
  pt2_tensor_t *grad_output, *self;
  pt2__int_list_t padding;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "grad_output", &grad_output));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "self", &self));
  PT2_TRY(
      pt2__boxed_ints(boxed, 2, "padding", &padding.values, &padding.count));
  return pt2__replication_pad_backward(grad_output, self, padding, 3,
                                       &results[0]);
}

PT2_BOXED_OP(replication_pad3d_backward, 1, backward)
