// SPDX-License-Identifier: Apache-2.0
//
// aten::cholesky_solve: two triangular systems.
#include "backends/cpu/kernels/linalg/matrices.h"
#include "backends/cpu/kernels/linalg/trisolve.h"

typedef struct {
  pt2__trisolve_t solve;
  bool upper;
  const pt2_tensor_t* factor;
  pt2_tensor_t* b;
} job_t;

// With L = U^T an upper factor's system is the conjugate of a lower one's.
static pt2_status_t solve_one(void* context, int64_t i) {
  const job_t* job = context;
  const int64_t n = job->solve.n, size = n * job->solve.columns;
  pt2__matrix_t lower = {pt2__matrix_at(job->factor, i), 1, n};
  if (job->upper) {
    lower = pt2__matrix_transposed(lower);
  }
  pt2__matrix_t b = {pt2__matrix_at(job->b, i), 1, n};
  pt2__trisolve_t solve = job->solve;
  if (job->upper) {
    pt2__conjugate(solve.dtype, b.data, size);
  }
  PT2_TRY(pt2__trisolve(&solve, lower, b));
  // L^H x = y as the conjugate of L^T.
  pt2__conjugate(solve.dtype, b.data, size);
  solve.upper = true;
  PT2_TRY(pt2__trisolve(&solve, pt2__matrix_transposed(lower), b));
  if (!job->upper) {
    pt2__conjugate(solve.dtype, b.data, size);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t solve_all(const pt2_tensor_t* factor, bool upper,
                              pt2_tensor_t* b) {
  if (b->numel == 0) {
    return PT2_STATUS_OK;
  }
  job_t job = {.solve = {.dtype = b->dtype,
                         .n = pt2__linalg_rows(b),
                         .columns = pt2__linalg_columns(b)},
               .upper = upper,
               .factor = factor,
               .b = b};
  int64_t count = b->numel / (job.solve.n * job.solve.columns);
  return pt2__each_matrix(count, 2.0 * (double)b->numel * (double)job.solve.n,
                          solve_one, &job);
}

static pt2_status_t cholesky_solve(const pt2_tensor_t* self,
                                   const pt2_tensor_t* factor, bool upper,
                                   pt2_tensor_t** out_result) {
  pt2__batch_t batch;
  PT2_TRY(pt2__linalg_check_solve(self, factor, true, "cholesky_solve"));
  PT2_TRY(pt2__linalg_check_dtype(factor, "cholesky_solve_cpu"));
  PT2_TRY(pt2__linalg_broadcast(self, factor, &batch));
  pt2_tensor_t *result, *copy;
  PT2_TRY(pt2__linalg_clone(self, &batch, &result));
  pt2_status_t status = pt2__linalg_clone(factor, &batch, &copy);
  if (status == PT2_STATUS_OK) {
    status = solve_all(copy, upper, result);
    pt2__tensor_release(copy);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_cholesky_solve(AtenTensorHandle self,
                                             AtenTensorHandle input2,
                                             int32_t upper,
                                             AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::cholesky_solve",
                cholesky_solve(self, input2, upper != 0, ret0));
}
