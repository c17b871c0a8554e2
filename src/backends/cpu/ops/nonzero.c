// SPDX-License-Identifier: Apache-2.0
//
// aten::nonzero and aten::nonzero_static.
#include "ops/index.h"

static pt2_status_t nonzero(const pt2_tensor_t* self, AtenTensorHandle* ret0) {
  PT2_OP_CHECK_TENSOR(self, "self");
  return pt2__op_nonzero(self, ret0);
}

AOTITorchError aoti_torch_cpu_nonzero(AtenTensorHandle self,
                                      AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::nonzero", nonzero(self, ret0));
}

AOTITorchError aoti_torch_nonzero(AtenTensorHandle self,
                                  AtenTensorHandle* out) {
  PT2_OP_RETURN("aten::nonzero", nonzero(self, out));
}

// The first |size| places; rows that are left are |fill|.
static pt2_status_t nonzero_static(const pt2_tensor_t* self, int64_t size,
                                   int64_t fill, AtenTensorHandle* ret0) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(size >= 0,
               "nonzero_static: 'size' must be an non-negative "
               "integer, got %lld",
               (long long)size);
  const int64_t sizes[2] = {size, self->rank};
  pt2_tensor_t *result, *places;
  PT2_TRY(pt2__op_nonzero(self, &places));
  pt2_status_t status =
      pt2__tensor_empty(PT2_DTYPE_I64, 2, sizes, NULL, &result);
  if (status == PT2_STATUS_OK) {
    int64_t* data = result->data;
    int64_t count = places->sizes[0], rank = self->rank;
    const int64_t* from = places->data;
    for (int64_t i = 0; i < size; ++i) {
      for (int64_t d = 0; d < rank; ++d) {
        data[i * rank + d] = i < count ? from[d * count + i] : fill;
      }
    }
    *ret0 = result;
  }
  pt2__tensor_release(places);
  return status;
}

AOTITorchError aoti_torch_cpu_nonzero_static(AtenTensorHandle self,
                                             int64_t size, int64_t fill_value,
                                             AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::nonzero_static",
                nonzero_static(self, size, fill_value, ret0));
}
