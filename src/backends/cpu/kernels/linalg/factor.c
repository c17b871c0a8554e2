// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/linalg/factor.h"

#include <string.h>

#include "backends/cpu/kernels/linalg/lapack.h"
#include "backends/cpu/kernels/linalg/lu.h"
#include "backends/cpu/kernels/linalg/matrices.h"
#include "backends/cpu/kernels/linalg/qr.h"
#include "backends/cpu/kernels/linalg/small_eigen.h"
#include "backends/cpu/kernels/linalg/small_qr.h"

// What the functions for one matrix share.
typedef struct {
  const pt2__lapack_t* lapack;
  int32_t dtype;
  size_t element;
  int m, n, k;  // the matrix's sizes, and the lesser of them
  int lda;      // at least 1, as LAPACK wants it
  pt2_tensor_t *matrices, *vectors, *info;
  pt2_tensor_t *u, *vh;
  char uplo[2], job[2];
  int lwork, lrwork, liwork;
} job_t;

static int at_least_1(int value) { return value > 0 ? value : 1; }

// Fills in the sizes of |a|'s matrices.
static pt2_status_t begin(const pt2_tensor_t* a, job_t* job) {
  *job = (job_t){.dtype = a->dtype, .element = pt2_dtype_size_bytes(a->dtype)};
  PT2_TRY(pt2__lapack_get(a->dtype, &job->lapack));
  PT2_TRY(pt2__lapack_int(pt2__linalg_rows(a), &job->m));
  PT2_TRY(pt2__lapack_int(pt2__linalg_columns(a), &job->n));
  job->k = job->m < job->n ? job->m : job->n;
  job->lda = at_least_1(job->m);
  return PT2_STATUS_OK;
}

static int64_t batch_of(const pt2_tensor_t* a) {
  pt2__batch_t batch;
  pt2__linalg_batch(a, &batch);
  return batch.count;
}

// Runs |each| over the batch. LAPACK is called from several threads only if it
// was told to use one for itself.
static pt2_status_t run(job_t* job, int64_t count, pt2__each_matrix_fn each) {
  double work = 0;
  if (pt2__lapack_is_ours()) {
    work = (double)count * (double)job->m * (double)job->n * (double)job->k;
  }
  return pt2__each_matrix(count, work, each, job);
}

static int32_t* info_at(const job_t* job, int64_t i) {
  return (int32_t*)job->info->data + i;
}

// The number that a query for the size of work space left in |answer|.
static int work_of(const job_t* job, const void* answer) {
  double parts[2];
  pt2__element_get_complex(job->dtype, answer, parts);
  // Beyond 2^24 a float answer may have been rounded down.
  double size = parts[0] * (1 + 1e-7);
  return size < 1 ? 1 : size < INT32_MAX ? (int)size : INT32_MAX;
}

// ---- LU and Cholesky -------------------------------------------------------
//
// These are own code. Sizes and pivots fit 32 bits, as LAPACK's do.

// What the functions for one matrix share.
typedef struct {
  int32_t dtype;
  int64_t m, n, k;  // the matrix's sizes, and the number of reflections
  pt2_tensor_t *matrices, *vectors;
  const pt2_tensor_t *factors, *pivots;
  int32_t* info;
  bool flag;  // the transpose or the adjoint is meant
  bool left;  // Q stands left of a product
  char* b;
  int64_t columns;
} own_t;

static pt2_status_t lu_one(void* context, int64_t i) {
  const own_t* job = context;
  pt2__matrix_t a = {pt2__matrix_at(job->matrices, i), 1, job->m};
  return pt2__lu_factor(job->dtype, job->m, job->n, a,
                        pt2__vector_at(job->vectors, i), &job->info[i]);
}

static void clear_info(pt2_tensor_t* info) {
  if (info->numel > 0) {
    memset(info->data, 0, sizeof(int32_t) * (size_t)info->numel);
  }
}

pt2_status_t pt2__factor_lu(pt2_tensor_t* a, pt2_tensor_t* pivots,
                            pt2_tensor_t* info) {
  int rows;
  PT2_TRY(pt2__lapack_int(pt2__linalg_rows(a), &rows));
  if (a->numel == 0) {
    clear_info(info);
    return PT2_STATUS_OK;
  }
  own_t job = {.dtype = a->dtype,
               .m = rows,
               .n = pt2__linalg_columns(a),
               .matrices = a,
               .vectors = pivots,
               .info = info->data};
  int64_t least = job.m < job.n ? job.m : job.n;
  return pt2__each_matrix(info->numel, (double)a->numel * (double)least, lu_one,
                          &job);
}

static pt2_status_t lu_solve_one(void* context, int64_t i) {
  const own_t* job = context;
  const int64_t n = job->n;
  pt2__matrix_t lu = {pt2__matrix_at(job->factors, i), 1, n};
  size_t side = (size_t)(n * job->columns) * pt2_dtype_size_bytes(job->dtype);
  pt2__matrix_t b = {job->b + (size_t)i * side, 1, n};
  return pt2__lu_apply(job->dtype, n, lu, pt2__vector_at(job->pivots, i),
                       job->flag, b, job->columns);
}

pt2_status_t pt2__factor_lu_solve(const pt2_tensor_t* lu,
                                  const pt2_tensor_t* pivots, bool transpose,
                                  void* b, int64_t columns) {
  if (lu->numel == 0 || columns == 0) {
    return PT2_STATUS_OK;
  }
  own_t job = {.dtype = lu->dtype,
               .n = pt2__linalg_columns(lu),
               .factors = lu,
               .pivots = pivots,
               .flag = transpose,
               .b = b,
               .columns = columns};
  return pt2__each_matrix(batch_of(lu), (double)lu->numel * (double)columns,
                          lu_solve_one, &job);
}

static pt2_status_t cholesky_one(void* context, int64_t i) {
  const own_t* job = context;
  pt2__matrix_t a = {pt2__matrix_at(job->matrices, i), 1, job->n};
  return pt2__cholesky_factor(job->dtype, job->n,
                              job->flag ? pt2__matrix_transposed(a) : a,
                              &job->info[i]);
}

pt2_status_t pt2__factor_cholesky(pt2_tensor_t* a, bool upper,
                                  pt2_tensor_t* info) {
  int n;
  PT2_TRY(pt2__lapack_int(pt2__linalg_rows(a), &n));
  if (a->numel == 0) {
    clear_info(info);
    return PT2_STATUS_OK;
  }
  own_t job = {.dtype = a->dtype,
               .n = n,
               .matrices = a,
               .info = info->data,
               .flag = upper};
  return pt2__each_matrix(info->numel, (double)a->numel * (double)n,
                          cholesky_one, &job);
}

// ---- QR --------------------------------------------------------------------
//
// Own code, too.

static pt2_status_t qr_one(void* context, int64_t i) {
  const own_t* job = context;
  void *a = pt2__matrix_at(job->matrices, i),
       *tau = pt2__vector_at(job->vectors, i);
  if (pt2__small_qr_fits(job->dtype, job->m, job->n) &&
      pt2__small_qr(job->dtype, (int)job->m, (int)job->n, a, tau)) {
    return PT2_STATUS_OK;
  }
  return pt2__qr_factor(job->dtype, job->m, job->n, a, tau);
}

static double work_of_all(const pt2_tensor_t* a, int64_t reflections) {
  return (double)a->numel * (double)reflections;
}

pt2_status_t pt2__factor_qr(pt2_tensor_t* a, pt2_tensor_t* tau) {
  if (a->numel == 0) {
    return PT2_STATUS_OK;
  }
  own_t job = {.dtype = a->dtype,
               .m = pt2__linalg_rows(a),
               .n = pt2__linalg_columns(a),
               .matrices = a,
               .vectors = tau};
  return pt2__each_matrix(
      batch_of(a), work_of_all(a, job.m < job.n ? job.m : job.n), qr_one, &job);
}

static pt2_status_t q_one(void* context, int64_t i) {
  const own_t* job = context;
  void *a = pt2__matrix_at(job->matrices, i),
       *tau = pt2__vector_at(job->vectors, i);
  if (pt2__small_qr_fits(job->dtype, job->m, job->n)) {
    pt2__small_q(job->dtype, (int)job->m, (int)job->n, (int)job->k, a, tau);
    return PT2_STATUS_OK;
  }
  return pt2__qr_q(job->dtype, job->m, job->n, job->k, a, tau);
}

pt2_status_t pt2__factor_q(pt2_tensor_t* a, const pt2_tensor_t* tau) {
  if (a->numel == 0) {
    return PT2_STATUS_OK;
  }
  own_t job = {.dtype = a->dtype,
               .m = pt2__linalg_rows(a),
               .n = pt2__linalg_columns(a),
               .k = tau->sizes[tau->rank - 1],
               .matrices = a,
               .vectors = (pt2_tensor_t*)(uintptr_t)tau};
  return pt2__each_matrix(batch_of(a), work_of_all(a, job.k), q_one, &job);
}

static pt2_status_t apply_one(void* context, int64_t i) {
  const own_t* job = context;
  return pt2__qr_apply(job->dtype, job->m, job->n, job->k,
                       pt2__matrix_at(job->factors, i),
                       pt2__vector_at(job->vectors, i), job->left, job->flag,
                       pt2__matrix_at(job->matrices, i));
}

pt2_status_t pt2__factor_apply_q(const pt2_tensor_t* a, const pt2_tensor_t* tau,
                                 bool left, bool adjoint, pt2_tensor_t* c) {
  own_t job = {.dtype = c->dtype,
               .m = pt2__linalg_rows(c),
               .n = pt2__linalg_columns(c),
               .k = tau->sizes[tau->rank - 1],
               .factors = a,
               .vectors = (pt2_tensor_t*)(uintptr_t)tau,
               .matrices = c,
               .left = left,
               .flag = adjoint};
  if (c->numel == 0 || job.k == 0) {
    return PT2_STATUS_OK;
  }
  return pt2__each_matrix(batch_of(c), work_of_all(c, job.k), apply_one, &job);
}

// ---- Eigenvalues and singular values ---------------------------------------

// The numbers that a query for real and integer work spaces left.
static int real_work_of(const job_t* job, const void* answer) {
  bool in_double =
      job->dtype == PT2_DTYPE_F64 || job->dtype == PT2_DTYPE_COMPLEX128;
  double size =
      pt2__element_get_f64(in_double ? PT2_DTYPE_F64 : PT2_DTYPE_F32, answer);
  return size < 1 ? 1 : size < INT32_MAX ? (int)(size * (1 + 1e-7)) : INT32_MAX;
}

static size_t real_bytes(const job_t* job) {
  return pt2__dtype_is_complex(job->dtype) ? job->element / 2 : job->element;
}

// Work spaces of a call, in one block.
typedef struct {
  void* block;
  size_t bytes;
  void *work, *rwork;
  int* iwork;
} spaces_t;

static pt2_status_t take_spaces(const job_t* job, spaces_t* spaces) {
  size_t work = (job->element * (size_t)job->lwork + 63) / 64 * 64;
  size_t rwork = (real_bytes(job) * (size_t)job->lrwork + 63) / 64 * 64;
  spaces->bytes = work + rwork + sizeof(int) * (size_t)job->liwork;
  spaces->block = pt2__pool_alloc(spaces->bytes);
  if (spaces->block == NULL) {
    return PT2_OUT_OF_MEMORY(spaces->bytes);
  }
  spaces->work = spaces->block;
  spaces->rwork = (char*)spaces->block + work;
  spaces->iwork = (int*)((char*)spaces->rwork + rwork);
  return PT2_STATUS_OK;
}

static void call_eigh(const job_t* job, int64_t i, void* work, int lwork,
                      void* rwork, int lrwork, int* iwork, int liwork,
                      int* info) {
  void* a = pt2__matrix_at(job->matrices, i);
  void* values = pt2__vector_at(job->vectors, i);
  if (pt2__dtype_is_complex(job->dtype)) {
    job->lapack->heevd(job->job, job->uplo, &job->n, a, &job->lda, values, work,
                       &lwork, rwork, &lrwork, iwork, &liwork, info, 1, 1);
  } else {
    job->lapack->syevd(job->job, job->uplo, &job->n, a, &job->lda, values, work,
                       &lwork, iwork, &liwork, info, 1, 1);
  }
}

static pt2_status_t eigh_one(void* context, int64_t i) {
  const job_t* job = context;
  if (pt2__small_eigen_fits(job->dtype, job->n) &&
      pt2__small_eigen(job->dtype, job->n, job->uplo[0] == 'U',
                       job->job[0] == 'V', pt2__matrix_at(job->matrices, i),
                       pt2__vector_at(job->vectors, i))) {
    *info_at(job, i) = 0;
    return PT2_STATUS_OK;
  }
  spaces_t spaces = {0};
  PT2_TRY(take_spaces(job, &spaces));
  call_eigh(job, i, spaces.work, job->lwork, spaces.rwork, job->lrwork,
            spaces.iwork, job->liwork, info_at(job, i));
  pt2__pool_free(spaces.block, spaces.bytes);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__factor_eigh(pt2_tensor_t* a, bool upper, bool vectors,
                              pt2_tensor_t* values, pt2_tensor_t* info) {
  job_t job;
  PT2_TRY(begin(a, &job));
  if (a->numel == 0) {
    return PT2_STATUS_OK;
  }
  job.matrices = a;
  job.vectors = values;
  job.info = info;
  job.job[0] = vectors ? 'V' : 'N';
  job.uplo[0] = upper ? 'U' : 'L';
  char work[16] = {0}, rwork[16] = {0};
  int liwork = 1, code;
  call_eigh(&job, 0, work, -1, rwork, -1, &liwork, -1, &code);
  job.lwork = work_of(&job, work);
  job.lrwork = pt2__dtype_is_complex(a->dtype) ? real_work_of(&job, rwork) : 0;
  job.liwork = at_least_1(liwork);
  return run(&job, batch_of(a), eigh_one);
}

static void call_svd(const job_t* job, int64_t i, void* work, int lwork,
                     void* rwork, int* iwork, int* info) {
  void* a = pt2__matrix_at(job->matrices, i);
  void* values = pt2__vector_at(job->vectors, i);
  // Not wanted ones are not written.
  void* u = job->u != NULL ? pt2__matrix_at(job->u, i) : values;
  void* vh = job->vh != NULL ? pt2__matrix_at(job->vh, i) : values;
  int ldvh = job->job[0] == 'A' ? job->n : job->k;
  if (pt2__dtype_is_complex(job->dtype)) {
    job->lapack->gesdd_complex(job->job, &job->m, &job->n, a, &job->lda, values,
                               u, &job->lda, vh, &ldvh, work, &lwork, rwork,
                               iwork, info, 1);
  } else {
    job->lapack->gesdd(job->job, &job->m, &job->n, a, &job->lda, values, u,
                       &job->lda, vh, &ldvh, work, &lwork, iwork, info, 1);
  }
}

static pt2_status_t svd_one(void* context, int64_t i) {
  const job_t* job = context;
  spaces_t spaces = {0};
  PT2_TRY(take_spaces(job, &spaces));
  call_svd(job, i, spaces.work, job->lwork, spaces.rwork, spaces.iwork,
           info_at(job, i));
  pt2__pool_free(spaces.block, spaces.bytes);
  return PT2_STATUS_OK;
}

// What gesdd's documentation asks of rwork for complex matrices.
static int64_t svd_rwork(const job_t* job) {
  int64_t least = job->k, most = job->m > job->n ? job->m : job->n;
  if (job->job[0] == 'N') {
    return 7 * least;
  }
  int64_t a = 5 * least * least + 5 * least;
  int64_t b = 2 * most * least + 2 * least * least + least;
  return a > b ? a : b;
}

pt2_status_t pt2__factor_svd(pt2_tensor_t* a, pt2_tensor_t* u,
                             pt2_tensor_t* values, pt2_tensor_t* vh,
                             pt2_tensor_t* info) {
  job_t job;
  PT2_TRY(begin(a, &job));
  if (a->numel == 0) {
    return PT2_STATUS_OK;
  }
  job.matrices = a;
  job.vectors = values;
  job.info = info;
  job.u = u;
  job.vh = vh;
  bool square = u != NULL && pt2__linalg_columns(u) == job.m &&
                pt2__linalg_rows(vh) == job.n;
  job.job[0] = u == NULL ? 'N' : square ? 'A' : 'S';
  char work[16] = {0}, rwork[16] = {0};
  int iwork = 0, code;
  call_svd(&job, 0, work, -1, rwork, &iwork, &code);
  job.lwork = work_of(&job, work);
  if (pt2__dtype_is_complex(a->dtype)) {
    PT2_TRY(pt2__lapack_int(svd_rwork(&job), &job.lrwork));
  }
  PT2_TRY(pt2__lapack_int(8 * (int64_t)job.k, &job.liwork));
  return run(&job, batch_of(a), svd_one);
}

// ---- Triangles -------------------------------------------------------------

void pt2__factor_clear(pt2_tensor_t* a, bool upper) {
  if (a->numel == 0) {
    return;
  }
  const int64_t m = pt2__linalg_rows(a), n = pt2__linalg_columns(a);
  const size_t element = pt2_dtype_size_bytes(a->dtype);
  char* column = a->data;
  for (int64_t i = 0; i < a->numel / m; ++i, column += (size_t)m * element) {
    int64_t j = i % n;
    int64_t above = j < m ? j : m;
    if (upper && j + 1 < m) {
      memset(column + (size_t)(j + 1) * element, 0,
             (size_t)(m - j - 1) * element);
    } else if (!upper) {
      memset(column, 0, (size_t)above * element);
    }
  }
}
