// SPDX-License-Identifier: Apache-2.0
//
// aten::linalg_solve_triangular, by name.
#include "backends/cpu/kernels/linalg/matrices.h"
#include "backends/cpu/kernels/linalg/trisolve.h"
#include "ops/boxed.h"

typedef struct {
  pt2__trisolve_t solve;
  bool left;
  const pt2_tensor_t* a;
  pt2_tensor_t* b;
} job_t;

// x A = b is A^T x^T = b^T.
static pt2_status_t solve_one(void* context, int64_t i) {
  const job_t* job = context;
  pt2__matrix_t a = {pt2__matrix_at(job->a, i), 1, job->solve.n};
  pt2__matrix_t b = {pt2__matrix_at(job->b, i), 1, pt2__linalg_rows(job->b)};
  if (!job->left) {
    a = pt2__matrix_transposed(a);
    b = pt2__matrix_transposed(b);
  }
  return pt2__trisolve(&job->solve, a, b);
}

static pt2_status_t solve_all(const pt2_tensor_t* a, bool upper, bool left,
                              bool unit, pt2_tensor_t* b) {
  if (b->numel == 0) {
    return PT2_STATUS_OK;
  }
  const int64_t n = pt2__linalg_rows(a);
  job_t job = {
      .solve = {.dtype = a->dtype,
                .n = n,
                .columns = left ? pt2__linalg_columns(b) : pt2__linalg_rows(b),
                .upper = upper == left,
                .unit = unit},
      .left = left,
      .a = a,
      .b = b};
  return pt2__each_matrix(b->numel / (n * job.solve.columns),
                          (double)b->numel * (double)n, solve_one, &job);
}

// (Tensor self, Tensor B, *, bool upper, bool left, bool unitriangular)
static pt2_status_t solve_triangular(const pt2__boxed_t* boxed,
                                     pt2_tensor_t** results) {
  pt2_tensor_t *a, *b;
  bool upper = false, left = true, unit = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &a));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "B", &b));
  PT2_OP_CHECK(boxed->count > 2, "argument upper: expected a bool");
  PT2_TRY(pt2__boxed_bool(boxed, 2, "upper", &upper));
  PT2_TRY(pt2__boxed_bool(boxed, 3, "left", &left));
  PT2_TRY(pt2__boxed_bool(boxed, 4, "unitriangular", &unit));
  PT2_TRY(pt2__linalg_check_solve(b, a, left, "linalg.solve_triangular"));
  PT2_TRY(pt2__linalg_check_dtype(a, "triangular_solve_cpu"));
  pt2__batch_t batch;
  PT2_TRY(pt2__linalg_broadcast(b, a, &batch));
  pt2_tensor_t *result, *copy;
  PT2_TRY(pt2__linalg_clone(b, &batch, &result));
  pt2_status_t status = pt2__linalg_clone(a, &batch, &copy);
  if (status == PT2_STATUS_OK) {
    status = solve_all(copy, upper, left, unit, result);
    pt2__tensor_release(copy);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  results[0] = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(linalg_solve_triangular, 1, solve_triangular)
