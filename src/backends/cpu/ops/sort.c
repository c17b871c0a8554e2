// SPDX-License-Identifier: Apache-2.0
//
// aten::sort and aten::sort.stable; both are stable here.
#include "backends/cpu/kernels/index/sort.h"

static pt2_status_t sort(const pt2_tensor_t* self, int64_t dim, bool descending,
                         AtenTensorHandle* ret0, AtenTensorHandle* ret1) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  pt2_tensor_t *values, *indices;
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &values));
  pt2_status_t status = pt2__tensor_empty_like(self, PT2_DTYPE_I64, &indices);
  if (status == PT2_STATUS_OK) {
    int64_t length = self->rank > 0 ? self->sizes[dim] : 1;
    status = pt2__sort(self, dim, length, descending, values, indices);
    if (status == PT2_STATUS_OK) {
      *ret0 = values;
      *ret1 = indices;
      return PT2_STATUS_OK;
    }
    pt2__tensor_release(indices);
  }
  pt2__tensor_release(values);
  return status;
}

AOTITorchError aoti_torch_cpu_sort(AtenTensorHandle self, int64_t dim,
                                   int32_t descending, AtenTensorHandle* ret0,
                                   AtenTensorHandle* ret1) {
  PT2_OP_RETURN("aten::sort", sort(self, dim, descending != 0, ret0, ret1));
}

AOTITorchError aoti_torch_cpu_sort_stable(AtenTensorHandle self,
                                          int32_t* stable, int64_t dim,
                                          int32_t descending,
                                          AtenTensorHandle* ret0,
                                          AtenTensorHandle* ret1) {
  (void)stable;
  PT2_OP_RETURN("aten::sort.stable",
                sort(self, dim, descending != 0, ret0, ret1));
}
