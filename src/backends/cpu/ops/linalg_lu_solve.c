// SPDX-License-Identifier: Apache-2.0
//
// aten::linalg_lu_solve, by name.
#include "backends/cpu/kernels/linalg/solve.h"
#include "backends/cpu/kernels/linalg/trisolve.h"
#include "ops/boxed.h"

static pt2_status_t check(const pt2_tensor_t* lu, const pt2_tensor_t* pivots,
                          const pt2_tensor_t* b, bool left) {
  static const char name[] = "linalg.lu_solve";
  PT2_TRY(pt2__linalg_check_solve(b, lu, left, name));
  PT2_TRY(pt2__linalg_check_dtype(lu, "lu_solve_cpu"));
  PT2_OP_CHECK(pivots->dtype == PT2_DTYPE_I32,
               "%s: pivots should be a Tensor of scalar type torch.int32, got "
               "%s",
               name, pt2__dtype_torch_name(pivots->dtype));
  bool fits = pivots->rank == lu->rank - 1;
  for (int32_t d = 0; fits && d < pivots->rank; ++d) {
    fits = pivots->sizes[d] == lu->sizes[d];
  }
  char got[128];
  PT2_OP_CHECK(
      fits,
      "%s: Expected LU.shape[:-1] and pivots.shape to be the same, "
      "but got pivots with shape %s",
      name, pt2__sizes_format(pivots->rank, pivots->sizes, got, sizeof(got)));
  return PT2_STATUS_OK;
}

// Every pivot names a row.
static pt2_status_t check_pivots(const pt2_tensor_t* pivots) {
  const int32_t* rows = pivots->data;
  int64_t n = pivots->sizes[pivots->rank - 1];
  for (int64_t i = 0; i < pivots->numel; ++i) {
    PT2_OP_CHECK(rows[i] >= 1 && rows[i] <= n,
                 "linalg.lu_solve: pivots must be between 1 and %lld, got %d",
                 (long long)n, (int)rows[i]);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t solve(const pt2_tensor_t* data, const pt2_tensor_t* pivots,
                          const pt2_tensor_t* b, bool left, bool transpose,
                          pt2_tensor_t** out_result) {
  pt2__batch_t batch;
  pt2__linalg_batch(data, &batch);
  pt2__lu_t lu = {.transposed = transpose};
  pt2_status_t status = pt2__linalg_dense(data, &batch, &lu.lu);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_contiguous(pivots, &lu.pivots);
  }
  if (status == PT2_STATUS_OK) {
    status = check_pivots(lu.pivots);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__lu_solve(&lu, b, left, out_result);
  }
  pt2__lu_release(&lu);
  return status;
}

// b's conjugate, dense.
static pt2_status_t conjugated(const pt2_tensor_t* b, pt2_tensor_t** out) {
  PT2_TRY(pt2__tensor_empty(b->dtype, b->rank, b->sizes, NULL, out));
  pt2_status_t status = pt2__tensor_copy(*out, b);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(*out);
    return status;
  }
  pt2__conjugate(b->dtype, (*out)->data, (*out)->numel);
  return PT2_STATUS_OK;
}

// A^H x = b is A^T conj(x) = conj(b).
static pt2_status_t solve_adjoint(const pt2_tensor_t* data,
                                  const pt2_tensor_t* pivots,
                                  const pt2_tensor_t* b, bool left,
                                  pt2_tensor_t** out_result) {
  pt2_tensor_t *other, *result;
  PT2_TRY(conjugated(b, &other));
  pt2_status_t status = solve(data, pivots, other, left, true, &result);
  pt2__tensor_release(other);
  PT2_TRY(status);
  pt2__conjugate(result->dtype, result->data, result->numel);
  *out_result = result;
  return PT2_STATUS_OK;
}

// (Tensor LU, Tensor pivots, Tensor B, *, bool left, bool adjoint)
static pt2_status_t lu_solve(const pt2__boxed_t* boxed,
                             pt2_tensor_t** results) {
  pt2_tensor_t *lu, *pivots, *b;
  bool left = true, adjoint = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "LU", &lu));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "pivots", &pivots));
  PT2_TRY(pt2__boxed_tensor(boxed, 2, "B", &b));
  PT2_TRY(pt2__boxed_bool(boxed, 3, "left", &left));
  PT2_TRY(pt2__boxed_bool(boxed, 4, "adjoint", &adjoint));
  PT2_TRY(check(lu, pivots, b, left));
  return adjoint ? solve_adjoint(lu, pivots, b, left, &results[0])
                 : solve(lu, pivots, b, left, false, &results[0]);
}

PT2_BOXED_OP(linalg_lu_solve, 1, lu_solve)
