// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/linalg/eigen.h"

#include <math.h>
#include <string.h>

#include "backends/cpu/kernels/linalg/lapack.h"
#include "backends/cpu/kernels/linalg/matrices.h"

// What the functions for one matrix share.
typedef struct {
  const pt2__lapack_t* lapack;
  int32_t dtype;
  size_t element, real;  // bytes of an element and of its real part
  int n, lwork;
  pt2_tensor_t *matrices, *values, *vectors, *info;
} job_t;

static size_t rounded(size_t bytes) { return (bytes + 63) / 64 * 64; }

// Memory of a call: LAPACK's own work space; of a real matrix its eigenvalues'
// parts and its packed eigenvectors, of a complex one rwork.
typedef struct {
  void* block;
  size_t bytes;
  char *work, *parts, *packed;
} space_t;

static pt2_status_t take_space(const job_t* job, space_t* space) {
  const size_t n = (size_t)job->n;
  bool packs = job->vectors != NULL && !pt2__dtype_is_complex(job->dtype);
  size_t work = rounded(job->element * (size_t)job->lwork);
  size_t parts = rounded(2 * n * job->real);
  space->bytes = work + parts + (packs ? n * n * job->real : 0);
  space->block = pt2__pool_alloc(space->bytes);
  if (space->block == NULL) {
    return PT2_OUT_OF_MEMORY(space->bytes);
  }
  space->work = space->block;
  space->parts = space->work + work;
  space->packed = packs ? space->parts + parts : space->parts;
  return PT2_STATUS_OK;
}

static void call_real(const job_t* job, void* a, char* parts, void* vectors,
                      void* work, int lwork, int* info) {
  const int one = 1;
  job->lapack->geev("N", job->vectors != NULL ? "V" : "N", &job->n, a, &job->n,
                    parts, parts + (size_t)job->n * job->real, vectors, &one,
                    vectors, &job->n, work, &lwork, info, 1, 1);
}

static void call_complex(const job_t* job, void* a, void* values, void* vectors,
                         void* work, int lwork, void* rwork, int* info) {
  const int one = 1;
  job->lapack->geev_complex("N", job->vectors != NULL ? "V" : "N", &job->n, a,
                            &job->n, values, vectors, &one, vectors, &job->n,
                            work, &lwork, rwork, info, 1, 1);
}

// Eigenvectors of a real matrix, of which a conjugate pair is packed into two
// columns: real parts, then the imaginary parts of the first one.
#define UNPACK(name, type)                                           \
  static void name(int64_t n, const type* parts, const type* packed, \
                   type* values, type* vectors) {                    \
    const type* imaginary = parts + n;                               \
    for (int64_t j = 0; j < n; ++j) {                                \
      values[2 * j] = parts[j];                                      \
      values[2 * j + 1] = imaginary[j];                              \
    }                                                                \
    for (int64_t j = 0; vectors != NULL && j < n; ++j) {             \
      bool pair = imaginary[j] != 0 && j + 1 < n;                    \
      const type* column = packed + j * n;                           \
      type* to = vectors + 2 * j * n;                                \
      for (int64_t i = 0; i < n; ++i) {                              \
        to[2 * i] = column[i];                                       \
        to[2 * i + 1] = pair ? column[n + i] : 0;                    \
      }                                                              \
      if (pair) {                                                    \
        ++j;                                                         \
        for (int64_t i = 0; i < n; ++i) {                            \
          to[2 * (n + i)] = column[i];                               \
          to[2 * (n + i) + 1] = -column[n + i];                      \
        }                                                            \
      }                                                              \
    }                                                                \
  }
UNPACK(unpack_f32, float)
UNPACK(unpack_f64, double)

static pt2_status_t eigen_one(void* context, int64_t i) {
  const job_t* job = context;
  space_t space = {0};
  PT2_TRY(take_space(job, &space));
  int* info = (int*)job->info->data + i;
  void* a = pt2__matrix_at(job->matrices, i);
  void* values = pt2__vector_at(job->values, i);
  void* vectors = job->vectors != NULL ? pt2__matrix_at(job->vectors, i) : NULL;
  if (pt2__dtype_is_complex(job->dtype)) {
    call_complex(job, a, values, vectors != NULL ? vectors : values, space.work,
                 job->lwork, space.parts, info);
  } else {
    call_real(job, a, space.parts, space.packed, space.work, job->lwork, info);
    if (job->dtype == PT2_DTYPE_F32) {
      unpack_f32(job->n, (const float*)(void*)space.parts,
                 (const float*)(void*)space.packed, values, vectors);
    } else {
      unpack_f64(job->n, (const double*)(void*)space.parts,
                 (const double*)(void*)space.packed, values, vectors);
    }
  }
  pt2__pool_free(space.block, space.bytes);
  return PT2_STATUS_OK;
}

// Asks LAPACK for the size of its work space.
static int query(const job_t* job) {
  double work[2] = {0}, parts[4] = {0};
  int info;
  void* a = job->matrices->data;
  if (pt2__dtype_is_complex(job->dtype)) {
    call_complex(job, a, parts, parts, work, -1, parts, &info);
  } else {
    call_real(job, a, (char*)parts, parts, work, -1, &info);
  }
  double answer[2];
  pt2__element_get_complex(job->dtype, work, answer);
  // Beyond 2^24 a float answer may have been rounded down.
  double size = answer[0] * (1 + 1e-7);
  return size < 1 ? 1 : size < INT32_MAX ? (int)size : INT32_MAX;
}

// LAPACK may never return of them.
#define ALL_FINITE(name, type)                        \
  static bool name(const type* data, int64_t count) { \
    type sum = 0;                                     \
    for (int64_t i = 0; i < count; ++i) {             \
      sum += data[i] * 0;                             \
    }                                                 \
    return sum == 0;                                  \
  }
ALL_FINITE(all_finite_f32, float)
ALL_FINITE(all_finite_f64, double)

static bool all_finite(const pt2_tensor_t* dense) {
  const int64_t parts = pt2__dtype_is_complex(dense->dtype) ? 2 : 1;
  bool wide =
      dense->dtype == PT2_DTYPE_F64 || dense->dtype == PT2_DTYPE_COMPLEX128;
  return wide ? all_finite_f64(dense->data, parts * dense->numel)
              : all_finite_f32(dense->data, parts * dense->numel);
}

// The eigenvalues of |a|, which is overwritten, into |values| and |vectors|.
static pt2_status_t find(pt2_tensor_t* a, const char* name,
                         pt2_tensor_t* values, pt2_tensor_t* vectors) {
  job_t job = {
      .dtype = a->dtype, .matrices = a, .values = values, .vectors = vectors};
  PT2_TRY(pt2__lapack_get(a->dtype, &job.lapack));
  PT2_TRY(pt2__lapack_int(pt2__linalg_rows(a), &job.n));
  if (a->numel == 0) {
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK(all_finite(a),
               "torch.%s: input tensor should not contain infs or NaNs.", name);
  job.element = pt2_dtype_size_bytes(a->dtype);
  job.real = pt2__dtype_is_complex(a->dtype) ? job.element / 2 : job.element;
  job.lwork = query(&job);
  pt2__batch_t batch;
  pt2__linalg_batch(a, &batch);
  PT2_TRY(pt2__linalg_empty_vector(PT2_DTYPE_I32, &batch, -1, &job.info));
  // LAPACK is called from several threads only if it was told to use one for
  // itself.
  double work = pt2__lapack_is_ours() ? 25 * (double)a->numel * job.n : 0;
  pt2_status_t status = pt2__each_matrix(batch.count, work, eigen_one, &job);
  if (status == PT2_STATUS_OK) {
    status = pt2__linalg_check_info(job.info, name, a->rank == 2);
  }
  pt2__tensor_release(job.info);
  return status;
}

static pt2_status_t find_new(pt2_tensor_t* a, const char* name,
                             pt2_tensor_t** out_values,
                             pt2_tensor_t** out_vectors) {
  pt2__batch_t batch;
  pt2__linalg_batch(a, &batch);
  bool wide = a->dtype == PT2_DTYPE_F64 || a->dtype == PT2_DTYPE_COMPLEX128;
  int32_t dtype = wide ? PT2_DTYPE_COMPLEX128 : PT2_DTYPE_COMPLEX64;
  const int64_t n = pt2__linalg_rows(a);
  pt2_tensor_t *values, *vectors = NULL;
  PT2_TRY(pt2__linalg_empty_vector(dtype, &batch, n, &values));
  pt2_status_t status = PT2_STATUS_OK;
  if (out_vectors != NULL) {
    status = pt2__linalg_empty(dtype, &batch, n, n, &vectors);
  }
  if (status == PT2_STATUS_OK) {
    status = find(a, name, values, vectors);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(values);
    pt2__tensor_release(vectors);
    return status;
  }
  *out_values = values;
  if (out_vectors != NULL) {
    *out_vectors = vectors;
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__eigen(const pt2_tensor_t* self, const char* name,
                        pt2_tensor_t** out_values, pt2_tensor_t** out_vectors) {
  PT2_TRY(pt2__linalg_check_square(self, name, "A"));
  PT2_TRY(pt2__linalg_check_dtype(self, "linalg_eig_out_cpu"));
  pt2__batch_t batch;
  pt2__linalg_batch(self, &batch);
  pt2_tensor_t* a;
  PT2_TRY(pt2__linalg_clone(self, &batch, &a));
  pt2_status_t status = find_new(a, name, out_values, out_vectors);
  pt2__tensor_release(a);
  return status;
}
