// SPDX-License-Identifier: Apache-2.0
//
// aten::cholesky_inverse: (L L^H)^-1 = Y^H Y, Y the inverse of L.
#include <string.h>

#include "backends/cpu/kernels/linalg/matrices.h"
#include "backends/cpu/kernels/linalg/trisolve.h"
#include "backends/cpu/kernels/matmul/gemm.h"

// Rows of the product that are computed at once.
#define ROWS 64

typedef struct {
  int32_t dtype;
  int64_t n;
  bool upper;
  const pt2_tensor_t* factor;
  pt2_tensor_t* result;
  // LAPACK's code: the first zero on the diagonal, from 1; one for each matrix.
  int32_t* info;
} job_t;

static char* at(const job_t* job, void* data, int64_t row, int64_t column) {
  return (char*)data +
         (size_t)(row + column * job->n) * pt2_dtype_size_bytes(job->dtype);
}

// The lower triangle, block by block, of Y^T Y (conjugated for complex
// numbers: |conjugate| is Y's conjugate, Y itself for real ones).
static pt2_status_t multiply(const job_t* job, void* y, void* conjugate,
                             void* product) {
  const int64_t n = job->n;
  for (int64_t first = 0; first < n; first += ROWS) {
    int64_t rows = n - first < ROWS ? n - first : ROWS;
    // Rows of Y above |first| are zero in these columns.
    const pt2__gemm_t gemm = {.dtype = job->dtype,
                              .batch = 1,
                              .m = rows,
                              .n = first + rows,
                              .k = n - first,
                              .alpha = 1,
                              .a = {at(job, conjugate, first, first), 0, n, 1},
                              .b = {at(job, y, first, 0), 0, 1, n},
                              .c = at(job, product, first, 0),
                              .c_rs = 1,
                              .c_cs = n};
    PT2_TRY(pt2__gemm(&gemm));
  }
  return PT2_STATUS_OK;
}

// Fills the upper triangle with the conjugate of the lower one.
static void reflect(const job_t* job, void* matrix) {
  const size_t bytes = pt2_dtype_size_bytes(job->dtype);
  for (int64_t column = 1; column < job->n; ++column) {
    for (int64_t row = 0; row < column; ++row) {
      char* target = at(job, matrix, row, column);
      memcpy(target, at(job, matrix, column, row), bytes);
      pt2__conjugate(job->dtype, target, 1);
    }
  }
}

static pt2_status_t invert(const job_t* job, pt2__matrix_t lower, char* y,
                           size_t bytes, void* result) {
  const int64_t n = job->n;
  memset(y, 0, bytes);
  for (int64_t i = 0; i < n; ++i) {
    pt2__element_set_f64(job->dtype, at(job, y, i, i), 1);
  }
  const pt2__trisolve_t solve = {
      .dtype = job->dtype, .n = n, .columns = n, .lower_sides = true};
  PT2_TRY(pt2__trisolve(&solve, lower, (pt2__matrix_t){y, 1, n}));
  char* conjugate = y;
  if (pt2__dtype_is_complex(job->dtype)) {
    conjugate = y + bytes;
    memcpy(conjugate, y, bytes);
    pt2__conjugate(job->dtype, conjugate, n * n);
  }
  PT2_TRY(multiply(job, y, conjugate, result));
  reflect(job, result);
  if (job->upper) {
    pt2__conjugate(job->dtype, result, n * n);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t invert_one(void* context, int64_t i) {
  const job_t* job = context;
  const int64_t n = job->n;
  pt2__matrix_t lower = {pt2__matrix_at(job->factor, i), 1, n};
  job->info[i] = 0;
  for (int64_t d = 0; d < n && job->info[i] == 0; ++d) {
    double parts[2];
    pt2__element_get_complex(job->dtype, at(job, lower.data, d, d), parts);
    job->info[i] = parts[0] == 0 && parts[1] == 0 ? (int32_t)(d + 1) : 0;
  }
  if (job->info[i] != 0) {
    return PT2_STATUS_OK;
  }
  if (job->upper) {
    lower = pt2__matrix_transposed(lower);
  }
  size_t bytes = (size_t)(n * n) * pt2_dtype_size_bytes(job->dtype);
  size_t all = pt2__dtype_is_complex(job->dtype) ? 2 * bytes : bytes;
  char* y = pt2__pool_alloc(all);
  if (y == NULL) {
    return PT2_OUT_OF_MEMORY(all);
  }
  pt2_status_t status =
      invert(job, lower, y, bytes, pt2__matrix_at(job->result, i));
  pt2__pool_free(y, all);
  return status;
}

static pt2_status_t invert_all(const pt2_tensor_t* factor, bool upper,
                               const pt2__batch_t* batch,
                               pt2_tensor_t* result) {
  if (result->numel == 0) {
    return PT2_STATUS_OK;
  }
  pt2_tensor_t* info;
  PT2_TRY(pt2__linalg_empty_vector(PT2_DTYPE_I32, batch, -1, &info));
  job_t job = {.dtype = result->dtype,
               .n = pt2__linalg_rows(result),
               .upper = upper,
               .factor = factor,
               .result = result,
               .info = info->data};
  pt2_status_t status = pt2__each_matrix(
      batch->count, (double)result->numel * (double)job.n, invert_one, &job);
  if (status == PT2_STATUS_OK) {
    status = pt2__linalg_check_info(info, "cholesky_inverse", batch->rank == 0);
  }
  pt2__tensor_release(info);
  return status;
}

static pt2_status_t cholesky_inverse(const pt2_tensor_t* self, bool upper,
                                     pt2_tensor_t** out_result) {
  pt2__batch_t batch;
  PT2_TRY(pt2__linalg_check_square(self, "cholesky_inverse", "A"));
  PT2_TRY(pt2__linalg_check_dtype(self, "cholesky_inverse_out_cpu"));
  pt2__linalg_batch(self, &batch);
  pt2_tensor_t *factor, *result;
  PT2_TRY(pt2__linalg_clone(self, &batch, &factor));
  pt2_status_t status =
      pt2__linalg_empty(self->dtype, &batch, pt2__linalg_rows(self),
                        pt2__linalg_columns(self), &result);
  if (status == PT2_STATUS_OK) {
    status = invert_all(factor, upper, &batch, result);
    if (status == PT2_STATUS_OK) {
      *out_result = result;
    } else {
      pt2__tensor_release(result);
    }
  }
  pt2__tensor_release(factor);
  return status;
}

AOTITorchError aoti_torch_cpu_cholesky_inverse(AtenTensorHandle self,
                                               int32_t upper,
                                               AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::cholesky_inverse",
                cholesky_inverse(self, upper != 0, ret0));
}
