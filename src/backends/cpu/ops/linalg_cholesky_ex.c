// SPDX-License-Identifier: Apache-2.0
//
// aten::linalg_cholesky_ex, by name.
#include "backends/cpu/kernels/linalg/factor.h"
#include "ops/boxed.h"

// (Tensor self, *, bool upper, bool check_errors) -> (L, info)
static pt2_status_t cholesky_ex(const pt2__boxed_t* boxed,
                                pt2_tensor_t** results) {
  pt2_tensor_t* self;
  bool upper = false, check_errors = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_bool(boxed, 1, "upper", &upper));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "check_errors", &check_errors));
  PT2_TRY(pt2__linalg_check_square(self, "linalg.cholesky", "A"));
  PT2_TRY(pt2__linalg_check_dtype(self, "cholesky_cpu"));
  pt2__batch_t batch;
  pt2__linalg_batch(self, &batch);
  pt2_tensor_t *factor, *info;
  PT2_TRY(pt2__linalg_clone(self, &batch, &factor));
  pt2_status_t status =
      pt2__linalg_empty_vector(PT2_DTYPE_I32, &batch, -1, &info);
  if (status == PT2_STATUS_OK) {
    status = pt2__factor_cholesky(factor, upper, info);
    if (status == PT2_STATUS_OK && check_errors) {
      status =
          pt2__linalg_check_info(info, "linalg.cholesky_ex", self->rank == 2);
    }
    if (status == PT2_STATUS_OK) {
      pt2__factor_clear(factor, upper);
      results[0] = factor;
      results[1] = info;
      return PT2_STATUS_OK;
    }
    pt2__tensor_release(info);
  }
  pt2__tensor_release(factor);
  return status;
}

PT2_BOXED_OP(linalg_cholesky_ex, 2, cholesky_ex)
