// SPDX-License-Identifier: Apache-2.0
//
// aten::mode.
#include "backends/cpu/kernels/index/pick.h"
#include "backends/cpu/kernels/index/sort_key.h"

static pt2_status_t mode(const pt2_tensor_t* self, int64_t dim, bool keep,
                         AtenTensorHandle* ret0, AtenTensorHandle* ret1) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  PT2_OP_CHECK(pt2__key_bits(self->dtype) != 0,
               "\"mode_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  PT2_OP_CHECK(self->rank == 0 || self->sizes[dim] > 0,
               "mode(): Expected reduction dim %lld to have non-zero size",
               (long long)dim);
  pt2_tensor_t *values, *places;
  PT2_TRY(pt2__reduce_dim_results(self, dim, keep, &values, &places));
  pt2_status_t status = pt2__pick(PT2__PICK_MODE, self, dim, 0, values, places);
  if (status == PT2_STATUS_OK) {
    *ret0 = values;
    *ret1 = places;
  } else {
    pt2__tensor_release(places);
    pt2__tensor_release(values);
  }
  return status;
}

AOTITorchError aoti_torch_cpu_mode(AtenTensorHandle self, int64_t dim,
                                   int32_t keepdim, AtenTensorHandle* ret0,
                                   AtenTensorHandle* ret1) {
  PT2_OP_RETURN("aten::mode", mode(self, dim, keepdim != 0, ret0, ret1));
}
