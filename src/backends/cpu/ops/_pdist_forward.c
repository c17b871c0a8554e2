// SPDX-License-Identifier: Apache-2.0
//
// aten::_pdist_forward.
#include <string.h>

#include "backends/cpu/kernels/reduce/distance.h"

static pt2_status_t pdist_forward(const pt2_tensor_t* self, double p,
                                  pt2_tensor_t** ret0) {
  int64_t count;
  PT2_TRY(pt2__pdist_check(self, &count));
  pt2_tensor_t* out;
  PT2_TRY(pt2__tensor_empty(self->dtype, 1, &count, NULL, &out));
  pt2_status_t status = PT2_STATUS_OK;
  if (count > 0 && self->sizes[1] == 0) {
    memset(out->data, 0, (size_t)count * pt2_dtype_size_bytes(out->dtype));
  } else if (count > 0) {
    status = pt2__distance_pairs(self, p, out);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(out);
    return status;
  }
  *ret0 = out;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu__pdist_forward(AtenTensorHandle self, double p,
                                             AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::_pdist_forward", pdist_forward(self, p, ret0));
}
