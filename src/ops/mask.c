// SPDX-License-Identifier: Apache-2.0
#include "ops/mask.h"

static pt2_status_t common_sizes(const char* name, const pt2_tensor_t* self,
                                 const pt2_tensor_t* mask, int64_t rank,
                                 int64_t* sizes) {
  for (int64_t d = 0; d < rank; ++d) {
    int64_t a = d - (rank - self->rank), b = d - (rank - mask->rank);
    int64_t first = a >= 0 ? self->sizes[a] : 1;
    int64_t second = b >= 0 ? mask->sizes[b] : 1;
    PT2_OP_CHECK(first == second || first == 1 || second == 1,
                 "%s: The size of tensor a (%lld) must match the size of "
                 "tensor b (%lld) at non-singleton dimension %lld",
                 name, (long long)first, (long long)second, (long long)d);
    sizes[d] = first == 1 ? second : first;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t expand(const pt2_tensor_t* tensor, int64_t rank,
                           const int64_t* sizes, pt2_tensor_t** out_view) {
  int64_t strides[PT2__MAX_RANK];
  for (int64_t d = 0; d < rank; ++d) {
    int64_t own = d - (rank - tensor->rank);
    bool repeated = own < 0 || tensor->sizes[own] != sizes[d];
    strides[d] = repeated ? 0 : tensor->strides[own];
  }
  return pt2__tensor_view(tensor, rank, sizes, strides, tensor->storage_offset,
                          out_view);
}

pt2_status_t pt2__mask_expand(const char* name, const pt2_tensor_t* self,
                              const pt2_tensor_t* mask, pt2_tensor_t** out_self,
                              pt2_tensor_t** out_mask) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK_TENSOR(mask, "mask");
  PT2_OP_CHECK(mask->dtype == PT2_DTYPE_BOOL,
               "%s: expected a mask of bools, but got dtype %s", name,
               pt2__dtype_torch_name(mask->dtype));
  int64_t rank = self->rank > mask->rank ? self->rank : mask->rank;
  int64_t sizes[PT2__MAX_RANK];
  PT2_TRY(common_sizes(name, self, mask, rank, sizes));
  PT2_TRY(expand(self, rank, sizes, out_self));
  pt2_status_t status = expand(mask, rank, sizes, out_mask);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(*out_self);
  }
  return status;
}
