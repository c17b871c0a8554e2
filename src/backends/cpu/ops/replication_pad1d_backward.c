// SPDX-License-Identifier: Apache-2.0
//
// aten::replication_pad1d_backward.
#include "backends/cpu/kernels/index/pad.h"
#include "ops/op.h"

AOTITorchError aoti_torch_cpu_replication_pad1d_backward(
    AtenTensorHandle grad_output, AtenTensorHandle self, const int64_t* padding,
    int64_t padding_count, AtenTensorHandle* ret0) {
  const pt2__int_list_t list = {padding, padding_count};
  PT2_OP_RETURN(
      "aten::replication_pad1d_backward",
      pt2__replication_pad_backward(grad_output, self, list, 1, ret0));
}
