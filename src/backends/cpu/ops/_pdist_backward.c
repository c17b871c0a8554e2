// SPDX-License-Identifier: Apache-2.0
//
// aten::_pdist_backward.
#include "backends/cpu/kernels/reduce/distance.h"

static pt2_status_t pdist_backward(const pt2_tensor_t* grad,
                                   const pt2_tensor_t* self, double p,
                                   const pt2_tensor_t* dist,
                                   pt2_tensor_t** ret0) {
  PT2_TRY(pt2__pdist_backward_check(grad, self, dist));
  pt2_tensor_t* out;
  PT2_TRY(pt2__tensor_empty(self->dtype, 2, self->sizes, NULL, &out));
  pt2_status_t status = pt2__distance_pairs_backward(grad, self, p, dist, out);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(out);
    return status;
  }
  *ret0 = out;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu__pdist_backward(AtenTensorHandle grad,
                                              AtenTensorHandle self, double p,
                                              AtenTensorHandle pdist,
                                              AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::_pdist_backward",
                pdist_backward(grad, self, p, pdist, ret0));
}
