// SPDX-License-Identifier: Apache-2.0
//
// aten::reshape: a view where there is one, otherwise a row-major copy.
#include "ops/view.h"

static pt2_status_t reshape(const pt2_tensor_t* self, const int64_t* shape,
                            int64_t rank, pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(self, "self");
  int64_t sizes[PT2__MAX_RANK];
  int64_t strides[PT2__MAX_RANK];
  PT2_TRY(pt2__view_infer_sizes(shape, rank, self->numel, sizes));
  if (pt2__view_strides(self, rank, sizes, strides)) {
    return pt2__tensor_view(self, rank, sizes, strides, self->storage_offset,
                            out_result);
  }
  pt2_tensor_t* copy = NULL;
  PT2_TRY(pt2__tensor_empty(self->dtype, self->rank, self->sizes, NULL, &copy));
  pt2_status_t status = pt2__tensor_copy(copy, self);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_view(copy, rank, sizes, NULL, 0, out_result);
  }
  pt2__tensor_release(copy);
  return status;
}

AOTITorchError aoti_torch_cpu_reshape(AtenTensorHandle self,
                                      const int64_t* shape, int64_t shape_count,
                                      AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::reshape", reshape(self, shape, shape_count, ret0));
}
