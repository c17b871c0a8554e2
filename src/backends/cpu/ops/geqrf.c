// SPDX-License-Identifier: Apache-2.0
//
// aten::geqrf.
#include "backends/cpu/kernels/linalg/factor.h"

static pt2_status_t geqrf(const pt2_tensor_t* self, pt2_tensor_t** out_a,
                          pt2_tensor_t** out_tau) {
  PT2_TRY(pt2__linalg_check_matrix(self, "torch.geqrf", "input"));
  PT2_TRY(pt2__linalg_check_dtype(self, "geqrf_cpu"));
  pt2__batch_t batch;
  pt2__linalg_batch(self, &batch);
  int64_t m = pt2__linalg_rows(self), n = pt2__linalg_columns(self);
  pt2_tensor_t *a, *tau;
  PT2_TRY(pt2__linalg_clone(self, &batch, &a));
  pt2_status_t status =
      pt2__linalg_empty_vector(self->dtype, &batch, m < n ? m : n, &tau);
  if (status == PT2_STATUS_OK) {
    status = pt2__factor_qr(a, tau);
    if (status == PT2_STATUS_OK) {
      *out_a = a;
      *out_tau = tau;
      return PT2_STATUS_OK;
    }
    pt2__tensor_release(tau);
  }
  pt2__tensor_release(a);
  return status;
}

AOTITorchError aoti_torch_cpu_geqrf(AtenTensorHandle self,
                                    AtenTensorHandle* ret0,
                                    AtenTensorHandle* ret1) {
  PT2_OP_RETURN("aten::geqrf", geqrf(self, ret0, ret1));
}
