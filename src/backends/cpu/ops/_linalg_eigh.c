// SPDX-License-Identifier: Apache-2.0
//
// aten::_linalg_eigh, by name.
#include "backends/cpu/kernels/linalg/factor.h"
#include "backends/cpu/kernels/linalg/lapack.h"
#include "ops/boxed.h"

PT2__NEEDS_LAPACK(_linalg_eigh)

// In place of |a|; fails with PyTorch's words where LAPACK did not converge.
static pt2_status_t find(pt2_tensor_t* a, bool upper, bool vectors,
                         pt2_tensor_t** out_values) {
  pt2__batch_t batch;
  pt2__linalg_batch(a, &batch);
  pt2_tensor_t *values, *info;
  PT2_TRY(pt2__linalg_empty_vector(pt2__dtype_real(a->dtype), &batch,
                                   pt2__linalg_rows(a), &values));
  pt2_status_t status =
      pt2__linalg_empty_vector(PT2_DTYPE_I32, &batch, -1, &info);
  if (status == PT2_STATUS_OK) {
    status = pt2__factor_eigh(a, upper, vectors, values, info);
    if (status == PT2_STATUS_OK && a->numel > 0) {
      status = pt2__linalg_check_info(info, "linalg.eigh", a->rank == 2);
    }
    pt2__tensor_release(info);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(values);
    return status;
  }
  *out_values = values;
  return PT2_STATUS_OK;
}

// (Tensor A, str UPLO, bool compute_v) -> (eigenvalues, eigenvectors)
static pt2_status_t eigh(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2_tensor_t* self;
  const char* uplo = "L";
  bool vectors = true;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "A", &self));
  PT2_TRY(pt2__boxed_string(boxed, 1, "UPLO", &uplo));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "compute_v", &vectors));
  PT2_TRY(pt2__linalg_check_square(self, "linalg.eigh", "A"));
  PT2_TRY(pt2__linalg_check_dtype(self, "linalg_eigh_cpu"));
  char letter = uplo[0] >= 'a' ? (char)(uplo[0] - 'a' + 'A') : uplo[0];
  PT2_OP_CHECK((letter == 'U' || letter == 'L') && uplo[1] == '\0',
               "Expected UPLO argument to be 'L' or 'U', but got %s", uplo);
  pt2__batch_t batch;
  pt2__linalg_batch(self, &batch);
  pt2_tensor_t *a, *values;
  PT2_TRY(pt2__linalg_clone(self, &batch, &a));
  pt2_status_t status = find(a, letter == 'U', vectors, &values);
  if (status == PT2_STATUS_OK && !vectors) {
    const int64_t none = 0;
    pt2_tensor_t* empty;
    status = pt2__tensor_empty(self->dtype, 1, &none, NULL, &empty);
    if (status == PT2_STATUS_OK) {
      pt2__tensor_release(a);
      a = empty;
    } else {
      pt2__tensor_release(values);
    }
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(a);
    return status;
  }
  results[0] = values;
  results[1] = a;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(_linalg_eigh, 2, eigh)
