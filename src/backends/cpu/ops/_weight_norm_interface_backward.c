// SPDX-License-Identifier: Apache-2.0
//
// aten::_weight_norm_interface_backward, by name. With w = v g / |v| for each
// row (dim 0) or column (the last dim), and s = the sum of grad_w v:
// grad_g = s / |v|, grad_v = grad_w g / |v| - v s g / |v|^3.
#include <omp.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/reduce/weight_norm.h"
#include "ops/boxed.h"
#include "tensor/convert.h"

// Computed in the dtype of the norms, f32 or f64.
typedef struct {
  const pt2_tensor_t *grad_w, *v, *g, *norms;
  pt2_tensor_t *grad_v, *grad_g;
  bool by_rows;
  int64_t rows, columns;
} backward_t;

// Columns are summed row after row; |factors| are two for each.
#define BY_COLUMNS(suffix, type)                                            \
  static void by_columns_##suffix(const backward_t* job, type* factors,     \
                                  int threads) {                            \
    const int64_t n = job->columns;                                         \
    const type *grad_w = job->grad_w->data, *v = job->v->data;              \
    type *grad_g = job->grad_g->data, *grad_v = job->grad_v->data;          \
    for (int64_t j = 0; j < n; ++j) {                                       \
      grad_g[j] = 0;                                                        \
    }                                                                       \
    for (int64_t i = 0; i < job->rows; ++i) {                               \
      for (int64_t j = 0; j < n; ++j) {                                     \
        grad_g[j] += grad_w[i * n + j] * v[i * n + j];                      \
      }                                                                     \
    }                                                                       \
    for (int64_t j = 0; j < n; ++j) {                                       \
      type norm = ((const type*)job->norms->data)[j];                       \
      grad_g[j] /= norm;                                                    \
      factors[j] = ((const type*)job->g->data)[j] / norm;                   \
      factors[n + j] = factors[j] * grad_g[j] / norm;                       \
    }                                                                       \
    _Pragma("omp parallel for num_threads(threads) if (threads > 1)") for ( \
        int64_t i = 0; i < job->rows; ++i) {                                \
      for (int64_t j = 0; j < n; ++j) {                                     \
        int64_t at = i * n + j;                                             \
        grad_v[at] = factors[j] * grad_w[at] - factors[n + j] * v[at];      \
      }                                                                     \
    }                                                                       \
  }
BY_COLUMNS(f32, float)
BY_COLUMNS(f64, double)

static pt2__weight_norm_row_fn row_of_cpu(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return pt2__weight_norm_row_avx512;
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return pt2__weight_norm_row_avx2;
  }
#endif
  return pt2__weight_norm_row_generic;
}

// Row |i|, whose f16 elements pass through |floats|, room for two rows.
static void compute_row(const backward_t* job, pt2__weight_norm_row_fn row,
                        int64_t i, float* floats) {
  const int32_t dtype = job->v->dtype;
  const int64_t n = job->columns, size = pt2_dtype_size_bytes(dtype);
  const int64_t step = pt2_dtype_size_bytes(job->norms->dtype);
  const void* grad_w = (const char*)job->grad_w->data + i * n * size;
  const void* v = (const char*)job->v->data + i * n * size;
  void* grad_v = (char*)job->grad_v->data + i * n * size;
  void* to = grad_v;
  if (floats != NULL) {
    pt2__convert_run(PT2_DTYPE_F32, floats, step, dtype, grad_w, size, n);
    pt2__convert_run(PT2_DTYPE_F32, floats + n, step, dtype, v, size, n);
    grad_w = to = floats;
    v = floats + n;
  }
  row(floats != NULL ? PT2_DTYPE_F32 : dtype, n, grad_w, v,
      (const char*)job->g->data + i * step,
      (const char*)job->norms->data + i * step, to,
      (char*)job->grad_g->data + i * step);
  if (floats != NULL) {
    pt2__convert_run(dtype, grad_v, size, PT2_DTYPE_F32, floats, step, n);
  }
}

static pt2_status_t by_rows(const backward_t* job, int threads) {
  const pt2__weight_norm_row_fn row = row_of_cpu();
  const bool half = job->v->dtype == PT2_DTYPE_F16;
  const int64_t n = job->columns;
  const size_t bytes =
      half ? (size_t)threads * 2 * (size_t)n * sizeof(float) + 1 : 0;
  float* floats = half ? pt2__pool_alloc(bytes) : NULL;
  if (half && floats == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < job->rows; ++i) {
    compute_row(job, row, i,
                half ? floats + 2 * n * omp_get_thread_num() : NULL);
  }
  pt2__pool_free(floats, bytes);
  return PT2_STATUS_OK;
}

static pt2_status_t compute(const backward_t* job) {
  const int threads = pt2__op_threads(4 * job->v->numel);
  if (job->by_rows) {
    return by_rows(job, threads);
  }
  const bool wide = job->v->dtype == PT2_DTYPE_F64;
  size_t bytes =
      2 * (size_t)job->columns * pt2_dtype_size_bytes(job->v->dtype) + 1;
  void* factors = pt2__pool_alloc(bytes);
  if (factors == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  if (wide) {
    by_columns_f64(job, factors, threads);
  } else {
    by_columns_f32(job, factors, threads);
  }
  pt2__pool_free(factors, bytes);
  return PT2_STATUS_OK;
}

// A row-major |*tensor| of |dtype|, which the caller releases.
static pt2_status_t as_dense(const pt2_tensor_t* source, int32_t dtype,
                             pt2_tensor_t** out_dense) {
  if (source->dtype == dtype) {
    return pt2__tensor_contiguous(source, out_dense);
  }
  PT2_TRY(
      pt2__tensor_empty(dtype, source->rank, source->sizes, NULL, out_dense));
  pt2_status_t status = pt2__tensor_copy(*out_dense, source);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(*out_dense);
  }
  return status;
}

// f16 and bf16 are computed as f32, and rounded once: rows one by one, columns
// in a copy.
static pt2_status_t run(const backward_t* job) {
  const int32_t dtype = job->norms->dtype;
  const int32_t elements = job->by_rows ? job->v->dtype : dtype;
  const int32_t dtypes[4] = {elements, elements, dtype, dtype};
  const int32_t made_dtypes[2] = {elements, dtype};
  pt2_tensor_t* dense[4] = {NULL};
  pt2_tensor_t* made[2] = {NULL};
  const pt2_tensor_t* const inputs[4] = {job->grad_w, job->v, job->g,
                                         job->norms};
  pt2_tensor_t* const outputs[2] = {job->grad_v, job->grad_g};
  pt2_status_t status = PT2_STATUS_OK;
  for (int i = 0; i < 4 && status == PT2_STATUS_OK; ++i) {
    pt2_tensor_t* tensor;
    status = as_dense(inputs[i], dtypes[i], &tensor);
    dense[i] = status == PT2_STATUS_OK ? tensor : NULL;
  }
  for (int i = 0; i < 2 && status == PT2_STATUS_OK; ++i) {
    pt2_tensor_t* tensor;
    status = outputs[i]->dtype == made_dtypes[i]
                 ? pt2__tensor_alias(outputs[i], &tensor)
                 : pt2__tensor_empty(made_dtypes[i], outputs[i]->rank,
                                     outputs[i]->sizes, NULL, &tensor);
    made[i] = status == PT2_STATUS_OK ? tensor : NULL;
  }
  if (status == PT2_STATUS_OK) {
    const backward_t dense_job = {.grad_w = dense[0],
                                  .v = dense[1],
                                  .g = dense[2],
                                  .norms = dense[3],
                                  .grad_v = made[0],
                                  .grad_g = made[1],
                                  .by_rows = job->by_rows,
                                  .rows = job->rows,
                                  .columns = job->columns};
    status = compute(&dense_job);
  }
  for (int i = 0; i < 2 && status == PT2_STATUS_OK; ++i) {
    if (outputs[i]->dtype != made_dtypes[i]) {
      status = pt2__tensor_copy(outputs[i], made[i]);
    }
  }
  for (int i = 0; i < 4; ++i) {
    pt2__tensor_release(dense[i]);
  }
  pt2__tensor_release(made[0]);
  pt2__tensor_release(made[1]);
  return status;
}

static pt2_status_t check_dtype(const pt2_tensor_t* tensor, const char* name,
                                int32_t dtype) {
  PT2_OP_CHECK(
      tensor->dtype == dtype, "%s: expected scalar type %s but found %s", name,
      pt2__dtype_torch_name(dtype), pt2__dtype_torch_name(tensor->dtype));
  return PT2_STATUS_OK;
}

static pt2_status_t check_count(const pt2_tensor_t* tensor, const char* name,
                                int64_t count) {
  PT2_OP_CHECK(tensor->numel == count,
               "%s: expected %lld numbers, one for each norm, got %lld", name,
               (long long)count, (long long)tensor->numel);
  return PT2_STATUS_OK;
}

static pt2_status_t check(backward_t* job, int64_t dim) {
  const pt2_tensor_t* v = job->v;
  const int32_t dtype = v->dtype;
  bool low = dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16;
  PT2_OP_CHECK(low || dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64,
               "\"weight_norm_backward_kernel\" not implemented for '%s'",
               pt2__dtype_torch_name(dtype));
  PT2_TRY(check_dtype(job->grad_w, "grad_w", dtype));
  PT2_TRY(check_dtype(job->g, "saved_g", dtype));
  PT2_TRY(check_dtype(job->norms, "saved_norms", low ? PT2_DTYPE_F32 : dtype));
  PT2_OP_CHECK(v->rank >= 1 && (dim == 0 || dim == v->rank - 1),
               "fused kernels can only be applied for first or last dim, got "
               "dim %lld of %d dimensions",
               (long long)dim, (int)v->rank);
  bool same = job->grad_w->rank == v->rank;
  for (int32_t d = 0; same && d < v->rank; ++d) {
    same = job->grad_w->sizes[d] == v->sizes[d];
  }
  char theirs[128], ours[128];
  PT2_OP_CHECK(same, "grad_w must have the sizes of saved_v, %s, got %s",
               pt2__sizes_format(v->rank, v->sizes, ours, sizeof(ours)),
               pt2__sizes_format(job->grad_w->rank, job->grad_w->sizes, theirs,
                                 sizeof(theirs)));
  job->by_rows = dim == 0;
  int64_t count = v->sizes[dim], rest = 1;
  for (int32_t d = 0; d < v->rank; ++d) {
    rest *= d == dim ? 1 : v->sizes[d];
  }
  job->rows = job->by_rows ? count : rest;
  job->columns = job->by_rows ? rest : count;
  PT2_TRY(check_count(job->g, "saved_g", count));
  return check_count(job->norms, "saved_norms", count);
}

// (Tensor grad_w, Tensor saved_v, Tensor saved_g, Tensor saved_norms, int dim)
// -> (grad_v, grad_g)
static pt2_status_t backward(const pt2__boxed_t* boxed,
                             pt2_tensor_t** results) {
  pt2_tensor_t *grad_w, *v, *g, *norms, *grad_v, *grad_g;
  int64_t dim;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "grad_w", &grad_w));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "saved_v", &v));
  PT2_TRY(pt2__boxed_tensor(boxed, 2, "saved_g", &g));
  PT2_TRY(pt2__boxed_tensor(boxed, 3, "saved_norms", &norms));
  PT2_TRY(pt2__boxed_int(boxed, 4, "dim", &dim));
  backward_t job = {.grad_w = grad_w, .v = v, .g = g, .norms = norms};
  PT2_TRY(check(&job, dim));
  PT2_TRY(pt2__tensor_empty(v->dtype, v->rank, v->sizes, NULL, &grad_v));
  pt2_status_t status =
      pt2__tensor_empty(g->dtype, g->rank, g->sizes, NULL, &grad_g);
  if (status == PT2_STATUS_OK) {
    job.grad_v = grad_v;
    job.grad_g = grad_g;
    status = run(&job);
    if (status == PT2_STATUS_OK) {
      results[0] = grad_v;
      results[1] = grad_g;
      return PT2_STATUS_OK;
    }
    pt2__tensor_release(grad_g);
  }
  pt2__tensor_release(grad_v);
  return status;
}

PT2_BOXED_OP(_weight_norm_interface_backward, 2, backward)
