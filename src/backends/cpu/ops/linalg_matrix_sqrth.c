// SPDX-License-Identifier: Apache-2.0
//
// aten::linalg_matrix_sqrth, by name.
#include <math.h>

#include "backends/cpu/kernels/linalg/decompose.h"
#include "backends/cpu/kernels/linalg/lapack.h"
#include "backends/cpu/kernels/linalg/trisolve.h"
#include "ops/boxed.h"

PT2__NEEDS_LAPACK(linalg_matrix_sqrth)

// Negative eigenvalues count as 0.
static void take_roots(pt2_tensor_t* values) {
  for (int64_t i = 0; i < values->numel; ++i) {
    if (values->dtype == PT2_DTYPE_F32) {
      float* value = (float*)values->data + i;
      *value = *value < 0 ? 0 : sqrtf(*value);
    } else {
      double* value = (double*)values->data + i;
      *value = *value < 0 ? 0 : sqrt(*value);
    }
  }
}

static pt2_status_t root(const pt2_tensor_t* self, pt2_tensor_t* result) {
  if (self->numel == 0) {
    return PT2_STATUS_OK;
  }
  pt2__decomposed_t parts;
  PT2_TRY(pt2__decompose_eigh(self, &parts));
  pt2__batch_t batch;
  pt2__linalg_batch(self, &batch);
  pt2_tensor_t* scaled;
  pt2_status_t status = pt2__linalg_clone(parts.u, &batch, &scaled);
  if (status == PT2_STATUS_OK) {
    take_roots(parts.values);
    pt2__scale_columns(scaled, parts.values);
    pt2__conjugate(parts.u->dtype, parts.u->data, parts.u->numel);
    status = pt2__multiply_factors((pt2__factor_t){scaled, false},
                                   (pt2__factor_t){parts.u, true}, result);
    pt2__tensor_release(scaled);
  }
  pt2__decomposed_release(&parts);
  return status;
}

// (Tensor self)
static pt2_status_t matrix_sqrth(const pt2__boxed_t* boxed,
                                 pt2_tensor_t** results) {
  static const char name[] = "linalg.matrix_sqrth";
  pt2_tensor_t *self, *result;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__linalg_check_square(self, name, "A"));
  PT2_TRY(pt2__linalg_check_dtype(self, name));
  PT2_TRY(
      pt2__tensor_empty(self->dtype, self->rank, self->sizes, NULL, &result));
  pt2_status_t status = root(self, result);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  results[0] = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(linalg_matrix_sqrth, 1, matrix_sqrth)
