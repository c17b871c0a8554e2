// SPDX-License-Identifier: Apache-2.0
//
// aten::kthvalue.
#include "backends/cpu/kernels/index/pick.h"
#include "backends/cpu/kernels/index/sort_key.h"

static pt2_status_t kthvalue(const pt2_tensor_t* self, int64_t k, int64_t dim,
                             bool keep, AtenTensorHandle* ret0,
                             AtenTensorHandle* ret1) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  PT2_OP_CHECK(pt2__key_bits(self->dtype) != 0 && self->dtype != PT2_DTYPE_BOOL,
               "\"kthvalue_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  int64_t length = self->rank > 0 ? self->sizes[dim] : 1;
  PT2_OP_CHECK(length > 0,
               "kthvalue(): Expected reduction dim %lld to have non-zero size",
               (long long)dim);
  PT2_OP_CHECK(k > 0 && k <= length,
               "kthvalue(): selected number k out of range for dimension %lld "
               "(k is %lld, the size %lld)",
               (long long)dim, (long long)k, (long long)length);
  pt2_tensor_t *values, *places;
  PT2_TRY(pt2__reduce_dim_results(self, dim, keep, &values, &places));
  pt2_status_t status =
      pt2__pick(PT2__PICK_KTH, self, dim, k - 1, values, places);
  if (status == PT2_STATUS_OK) {
    *ret0 = values;
    *ret1 = places;
  } else {
    pt2__tensor_release(places);
    pt2__tensor_release(values);
  }
  return status;
}

AOTITorchError aoti_torch_cpu_kthvalue(AtenTensorHandle self, int64_t k,
                                       int64_t dim, int32_t keepdim,
                                       AtenTensorHandle* ret0,
                                       AtenTensorHandle* ret1) {
  PT2_OP_RETURN("aten::kthvalue",
                kthvalue(self, k, dim, keepdim != 0, ret0, ret1));
}
