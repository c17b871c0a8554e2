// SPDX-License-Identifier: Apache-2.0
//
// aten::linalg_inv_ex, by name: A x = 1.
#include <string.h>

#include "backends/cpu/kernels/linalg/solve.h"
#include "ops/boxed.h"

// Ones on the diagonals of a batch like |a|'s.
static pt2_status_t make_identity(const pt2_tensor_t* a, pt2_tensor_t** out) {
  pt2__batch_t batch;
  pt2__linalg_batch(a, &batch);
  const int64_t n = pt2__linalg_columns(a);
  const size_t element = pt2_dtype_size_bytes(a->dtype);
  PT2_TRY(pt2__linalg_empty(a->dtype, &batch, n, n, out));
  if ((*out)->numel == 0) {
    return PT2_STATUS_OK;
  }
  char* first = (*out)->data;
  const size_t matrix = (size_t)(n * n) * element;
  memset(first, 0, matrix);
  for (int64_t i = 0; i < n; ++i) {
    pt2__element_set_f64(a->dtype, first + (size_t)(i * (n + 1)) * element, 1);
  }
  for (int64_t i = 1; i < batch.count; ++i) {
    memcpy(first + (size_t)i * matrix, first, matrix);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t invert(const pt2__lu_t* lu, const pt2_tensor_t* a,
                           bool check_errors, pt2_tensor_t** out_inverse) {
  if (check_errors) {
    PT2_TRY(pt2__linalg_check_info(lu->info, "linalg.inv_ex", a->rank == 2));
  }
  pt2_tensor_t* identity;
  PT2_TRY(make_identity(a, &identity));
  pt2_status_t status = pt2__lu_solve(lu, identity, true, out_inverse);
  pt2__tensor_release(identity);
  return status;
}

// (Tensor A, *, bool check_errors) -> (inverse, info)
static pt2_status_t inv_ex(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2_tensor_t* a;
  bool check_errors = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "A", &a));
  PT2_TRY(pt2__boxed_bool(boxed, 1, "check_errors", &check_errors));
  PT2_TRY(pt2__linalg_check_square(a, "linalg.inv", "A"));
  PT2_TRY(pt2__linalg_check_dtype(a, "linalg_inv_cpu"));
  pt2__lu_t lu;
  PT2_TRY(pt2__lu_make(a, true, &lu));
  pt2_tensor_t* inverse;
  pt2_status_t status = invert(&lu, a, check_errors, &inverse);
  if (status == PT2_STATUS_OK) {
    results[0] = inverse;
    results[1] = lu.info;
    lu.info = NULL;
  }
  pt2__lu_release(&lu);
  return status;
}

PT2_BOXED_OP(linalg_inv_ex, 2, inv_ex)
