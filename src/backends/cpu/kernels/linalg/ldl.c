// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/linalg/ldl.h"

#include <string.h>

#include "backends/cpu/kernels/linalg/lapack.h"
#include "backends/cpu/kernels/linalg/matrices.h"
#include "backends/cpu/kernels/linalg/small_ldl.h"

// What the functions for one matrix share.
typedef struct {
  const pt2__lapack_t* lapack;
  int32_t dtype;
  bool hermitian;  // and not real
  int n, columns, lwork;
  const pt2_tensor_t *factors, *pivots;
  pt2_tensor_t *matrices, *info;
} job_t;

static pt2_status_t begin(const pt2_tensor_t* a, bool hermitian, job_t* job) {
  *job = (job_t){.dtype = a->dtype,
                 .hermitian = hermitian && pt2__dtype_is_complex(a->dtype)};
  PT2_TRY(pt2__lapack_get(a->dtype, &job->lapack));
  return pt2__lapack_int(pt2__linalg_rows(a), &job->n);
}

static void call_factor(const job_t* job, int64_t i, void* work, int lwork,
                        int* info) {
  int* pivots = pt2__vector_at(job->pivots, i);
  (job->hermitian ? job->lapack->hetrf : job->lapack->sytrf)(
      "L", &job->n, pt2__matrix_at(job->matrices, i), &job->n, pivots, work,
      &lwork, info, 1);
}

static pt2_status_t factor_one(void* context, int64_t i) {
  const job_t* job = context;
  if (pt2__small_ldl_fits(job->dtype, job->n)) {
    ((int*)job->info->data)[i] =
        pt2__small_ldl(job->dtype, job->n, pt2__matrix_at(job->matrices, i),
                       pt2__vector_at(job->pivots, i));
    return PT2_STATUS_OK;
  }
  size_t bytes = pt2_dtype_size_bytes(job->dtype) * (size_t)job->lwork;
  void* work = pt2__pool_alloc(bytes);
  if (work == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  call_factor(job, i, work, job->lwork, (int*)job->info->data + i);
  pt2__pool_free(work, bytes);
  return PT2_STATUS_OK;
}

// LAPACK is called from several threads only if it was told to use one for
// itself.
static double work_of(double work) { return pt2__lapack_is_ours() ? work : 0; }

static void ask_for_room(job_t* job) {
  double answer[2] = {0}, parts[2];
  int code;
  call_factor(job, 0, answer, -1, &code);
  pt2__element_get_complex(job->dtype, answer, parts);
  // Beyond 2^24 a float answer may have been rounded down.
  double size = parts[0] * (1 + 1e-7);
  job->lwork = size < 1 ? 1 : size < INT32_MAX ? (int)size : INT32_MAX;
}

pt2_status_t pt2__ldl_factor(pt2_tensor_t* a, bool hermitian,
                             pt2_tensor_t* pivots, pt2_tensor_t* info) {
  job_t job;
  PT2_TRY(begin(a, hermitian, &job));
  if (a->numel == 0) {
    if (info->numel > 0) {
      memset(info->data, 0, sizeof(int32_t) * (size_t)info->numel);
    }
    return PT2_STATUS_OK;
  }
  job.matrices = a;
  job.pivots = pivots;
  job.info = info;
  if (!pt2__small_ldl_fits(a->dtype, job.n)) {
    ask_for_room(&job);
  }
  return pt2__each_matrix(info->numel, work_of((double)a->numel * job.n),
                          factor_one, &job);
}

static pt2_status_t solve_one(void* context, int64_t i) {
  const job_t* job = context;
  int info;
  (job->hermitian ? job->lapack->hetrs : job->lapack->sytrs)(
      "L", &job->n, &job->columns, pt2__matrix_at(job->factors, i), &job->n,
      pt2__vector_at(job->pivots, i), pt2__matrix_at(job->matrices, i), &job->n,
      &info, 1);
  (void)info;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__ldl_solve(const pt2_tensor_t* factors,
                            const pt2_tensor_t* pivots, bool hermitian,
                            pt2_tensor_t* b) {
  job_t job;
  PT2_TRY(begin(factors, hermitian, &job));
  PT2_TRY(pt2__lapack_int(pt2__linalg_columns(b), &job.columns));
  if (b->numel == 0) {
    return PT2_STATUS_OK;
  }
  job.factors = factors;
  job.pivots = pivots;
  job.matrices = b;
  pt2__batch_t batch;
  pt2__linalg_batch(b, &batch);
  return pt2__each_matrix(batch.count, work_of((double)b->numel * job.n),
                          solve_one, &job);
}
