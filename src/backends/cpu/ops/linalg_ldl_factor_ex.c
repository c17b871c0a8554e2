// SPDX-License-Identifier: Apache-2.0
//
// aten::linalg_ldl_factor_ex, by name.
#include "backends/cpu/kernels/linalg/factor.h"
#include "backends/cpu/kernels/linalg/lapack.h"
#include "backends/cpu/kernels/linalg/ldl.h"
#include "ops/boxed.h"

PT2__NEEDS_LAPACK(linalg_ldl_factor_ex)

static const char function[] = "torch.linalg.ldl_factor_ex";

// Fills |results|, which are new.
static pt2_status_t factor(const pt2_tensor_t* self, bool hermitian,
                           bool check_errors, pt2_tensor_t** results) {
  pt2__batch_t batch;
  pt2__linalg_batch(self, &batch);
  PT2_TRY(pt2__linalg_clone(self, &batch, &results[0]));
  PT2_TRY(pt2__linalg_empty_vector(PT2_DTYPE_I32, &batch,
                                   pt2__linalg_rows(self), &results[1]));
  PT2_TRY(pt2__linalg_empty_vector(PT2_DTYPE_I32, &batch, -1, &results[2]));
  pt2__factor_clear(results[0], false);
  PT2_TRY(pt2__ldl_factor(results[0], hermitian, results[1], results[2]));
  return check_errors
             ? pt2__linalg_check_info(results[2], function, self->rank == 2)
             : PT2_STATUS_OK;
}

// (Tensor self, *, bool hermitian, bool check_errors) -> (LD, pivots, info)
static pt2_status_t ldl_factor_ex(const pt2__boxed_t* boxed,
                                  pt2_tensor_t** results) {
  pt2_tensor_t* self;
  bool hermitian = false, check_errors = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_bool(boxed, 1, "hermitian", &hermitian));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "check_errors", &check_errors));
  PT2_TRY(pt2__linalg_check_square(self, function, "A"));
  PT2_TRY(pt2__linalg_check_dtype(self, "ldl_factor_kernel_cpu"));
  pt2_tensor_t* made[3] = {NULL};
  pt2_status_t status = factor(self, hermitian, check_errors, made);
  for (int i = 0; i < 3; ++i) {
    if (status == PT2_STATUS_OK) {
      results[i] = made[i];
    } else {
      pt2__tensor_release(made[i]);
    }
  }
  return status;
}

PT2_BOXED_OP(linalg_ldl_factor_ex, 3, ldl_factor_ex)
