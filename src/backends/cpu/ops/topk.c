// SPDX-License-Identifier: Apache-2.0
//
// aten::topk. The results are sorted whether that is asked for or not, and of
// equal elements those that come first are taken; torch promises neither.
#include <string.h>

#include "backends/cpu/kernels/index/sort.h"

static pt2_status_t topk(const pt2_tensor_t* self, int64_t k, int64_t dim,
                         bool largest, AtenTensorHandle* ret0,
                         AtenTensorHandle* ret1) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  PT2_OP_CHECK(self->dtype != PT2_DTYPE_BOOL,
               "\"topk\" not implemented for 'Bool'");
  int64_t length = self->rank > 0 ? self->sizes[dim] : 1;
  PT2_OP_CHECK(k >= 0 && k <= length,
               "selected index k out of range (k is %lld, dimension %lld has "
               "size %lld)",
               (long long)k, (long long)dim, (long long)length);
  int64_t sizes[PT2__MAX_RANK];
  if (self->rank > 0) {
    memcpy(sizes, self->sizes, sizeof(int64_t) * (size_t)self->rank);
    sizes[dim] = k;
  }
  pt2_tensor_t *values, *indices;
  PT2_TRY(pt2__tensor_empty(self->dtype, self->rank, sizes, NULL, &values));
  pt2_status_t status =
      pt2__tensor_empty(PT2_DTYPE_I64, self->rank, sizes, NULL, &indices);
  if (status == PT2_STATUS_OK) {
    status =
        pt2__sort(self, dim, self->rank > 0 ? k : 1, largest, values, indices);
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

AOTITorchError aoti_torch_cpu_topk(AtenTensorHandle self, int64_t k,
                                   int64_t dim, int32_t largest, int32_t sorted,
                                   AtenTensorHandle* ret0,
                                   AtenTensorHandle* ret1) {
  (void)sorted;
  PT2_OP_RETURN("aten::topk", topk(self, k, dim, largest != 0, ret0, ret1));
}
