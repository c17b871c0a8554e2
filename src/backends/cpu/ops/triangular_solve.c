// SPDX-License-Identifier: Apache-2.0
//
// aten::triangular_solve.
#include "backends/cpu/kernels/linalg/matrices.h"
#include "backends/cpu/kernels/linalg/trisolve.h"

typedef struct {
  pt2__trisolve_t solve;
  bool transpose;
  const pt2_tensor_t* a;
  pt2_tensor_t* b;
} job_t;

static pt2_status_t solve_one(void* context, int64_t i) {
  const job_t* job = context;
  const int64_t n = job->solve.n;
  pt2__matrix_t a = {pt2__matrix_at(job->a, i), 1, n};
  pt2__matrix_t b = {pt2__matrix_at(job->b, i), 1, n};
  return pt2__trisolve(&job->solve,
                       job->transpose ? pt2__matrix_transposed(a) : a, b);
}

static pt2_status_t solve_all(const pt2_tensor_t* a, bool upper, bool transpose,
                              bool unit, pt2_tensor_t* b) {
  job_t job = {.solve = {.dtype = a->dtype,
                         .n = pt2__linalg_rows(b),
                         .columns = pt2__linalg_columns(b),
                         .upper = upper != transpose,
                         .unit = unit},
               .transpose = transpose,
               .a = a,
               .b = b};
  if (b->numel == 0) {
    return PT2_STATUS_OK;
  }
  int64_t count = b->numel / (job.solve.n * job.solve.columns);
  return pt2__each_matrix(count, (double)b->numel * (double)job.solve.n,
                          solve_one, &job);
}

static pt2_status_t triangular_solve(const pt2_tensor_t* self,
                                     const pt2_tensor_t* a, bool upper,
                                     bool transpose, bool unit,
                                     pt2_tensor_t** out_solution,
                                     pt2_tensor_t** out_copy) {
  static const char name[] = "triangular_solve";
  pt2__batch_t batch;
  PT2_TRY(pt2__linalg_check_solve(self, a, true, name));
  PT2_TRY(pt2__linalg_check_dtype(a, "triangular_solve_cpu"));
  PT2_TRY(pt2__linalg_broadcast(self, a, &batch));
  pt2_tensor_t *solution, *copy;
  PT2_TRY(pt2__linalg_clone(self, &batch, &solution));
  pt2_status_t status = pt2__linalg_clone(a, &batch, &copy);
  if (status == PT2_STATUS_OK) {
    status = solve_all(copy, upper, transpose, unit, solution);
    if (status == PT2_STATUS_OK) {
      *out_solution = solution;
      *out_copy = copy;
      return PT2_STATUS_OK;
    }
    pt2__tensor_release(copy);
  }
  pt2__tensor_release(solution);
  return status;
}

AOTITorchError aoti_torch_cpu_triangular_solve(
    AtenTensorHandle self, AtenTensorHandle A, int32_t upper, int32_t transpose,
    int32_t unitriangular, AtenTensorHandle* ret0, AtenTensorHandle* ret1) {
  PT2_OP_RETURN("aten::triangular_solve",
                triangular_solve(self, A, upper != 0, transpose != 0,
                                 unitriangular != 0, ret0, ret1));
}
