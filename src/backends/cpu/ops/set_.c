// SPDX-License-Identifier: Apache-2.0
//
// aten::set_.source_Tensor: self becomes a view of the source's memory and
// keeps its dtype.
#include "ops/resize.h"

static pt2_status_t set(pt2_tensor_t* self, const pt2_tensor_t* source) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK_TENSOR(source, "source");
  if (self == source) {
    return PT2_STATUS_OK;
  }
  return pt2__resize_over(self, source->storage, source->rank, source->sizes,
                          source->strides, source->storage_offset);
}

AOTITorchError aoti_torch_cpu_set__source_Tensor(AtenTensorHandle self,
                                                 AtenTensorHandle source) {
  PT2_OP_RETURN("aten::set_", set(self, source));
}
