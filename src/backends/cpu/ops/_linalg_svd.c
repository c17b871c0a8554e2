// SPDX-License-Identifier: Apache-2.0
//
// aten::_linalg_svd, by name.
#include <string.h>

#include "backends/cpu/kernels/linalg/factor.h"
#include "backends/cpu/kernels/linalg/lapack.h"
#include "ops/boxed.h"

PT2__NEEDS_LAPACK(_linalg_svd)

// Of a matrix without elements: square ones are the identity.
static void set_identity(pt2_tensor_t* matrices) {
  if (matrices->numel == 0) {
    return;
  }
  const int64_t n = pt2__linalg_rows(matrices);
  const size_t element = pt2_dtype_size_bytes(matrices->dtype);
  memset(matrices->data, 0, (size_t)matrices->numel * element);
  for (int64_t i = 0; i < matrices->numel / n; ++i) {
    int64_t place = i / n * n * n + i % n * (n + 1);
    pt2__element_set_f64(matrices->dtype,
                         (char*)matrices->data + (size_t)place * element, 1);
  }
}

// U, S and Vh; U and Vh of no element if not |vectors|.
static pt2_status_t make_results(const pt2_tensor_t* a, bool full, bool vectors,
                                 pt2_tensor_t** made) {
  pt2__batch_t batch;
  pt2__linalg_batch(a, &batch);
  const int64_t m = pt2__linalg_rows(a), n = pt2__linalg_columns(a);
  const int64_t k = m < n ? m : n, none = 0;
  PT2_TRY(
      pt2__linalg_empty_vector(pt2__dtype_real(a->dtype), &batch, k, &made[1]));
  if (!vectors) {
    PT2_TRY(pt2__tensor_empty(a->dtype, 1, &none, NULL, &made[0]));
    return pt2__tensor_empty(a->dtype, 1, &none, NULL, &made[2]);
  }
  PT2_TRY(pt2__linalg_empty(a->dtype, &batch, m, full ? m : k, &made[0]));
  return pt2__linalg_empty(a->dtype, &batch, full ? n : k, n, &made[2]);
}

static pt2_status_t decompose(pt2_tensor_t* a, bool full, bool vectors,
                              pt2_tensor_t** made) {
  if (a->numel == 0) {
    if (vectors && full) {
      set_identity(made[0]);
      set_identity(made[2]);
    }
    return PT2_STATUS_OK;
  }
  pt2__batch_t batch;
  pt2__linalg_batch(a, &batch);
  pt2_tensor_t* info;
  PT2_TRY(pt2__linalg_empty_vector(PT2_DTYPE_I32, &batch, -1, &info));
  pt2_status_t status = pt2__factor_svd(a, vectors ? made[0] : NULL, made[1],
                                        vectors ? made[2] : NULL, info);
  if (status == PT2_STATUS_OK) {
    status = pt2__linalg_check_info(info, "linalg.svd", a->rank == 2);
  }
  pt2__tensor_release(info);
  return status;
}

// (Tensor A, bool full_matrices, bool compute_uv, *, str? driver) -> (U, S, Vh)
static pt2_status_t svd(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2_tensor_t *self, *a;
  bool full = false, vectors = true;
  const char* driver = NULL;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "A", &self));
  PT2_TRY(pt2__boxed_bool(boxed, 1, "full_matrices", &full));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "compute_uv", &vectors));
  PT2_TRY(pt2__boxed_string(boxed, 3, "driver", &driver));
  PT2_TRY(pt2__linalg_check_matrix(self, "linalg.svd", "A"));
  PT2_TRY(pt2__linalg_check_dtype(self, "linalg_svd_cpu"));
  PT2_OP_CHECK(driver == NULL,
               "linalg.svd: keyword argument `driver=` is only supported on "
               "CUDA inputs with cuSOLVER backend.");
  pt2__batch_t batch;
  pt2__linalg_batch(self, &batch);
  PT2_TRY(pt2__linalg_clone(self, &batch, &a));
  pt2_tensor_t* made[3] = {NULL, NULL, NULL};
  pt2_status_t status = make_results(a, full, vectors, made);
  if (status == PT2_STATUS_OK) {
    status = decompose(a, full, vectors, made);
  }
  pt2__tensor_release(a);
  for (int i = 0; i < 3; ++i) {
    if (status == PT2_STATUS_OK) {
      results[i] = made[i];
    } else {
      pt2__tensor_release(made[i]);
    }
  }
  return status;
}

PT2_BOXED_OP(_linalg_svd, 3, svd)
