// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/linalg/decompose.h"

#include <math.h>

#include "backends/cpu/kernels/linalg/factor.h"
#include "backends/cpu/kernels/matmul/gemm.h"

void pt2__decomposed_release(pt2__decomposed_t* parts) {
  pt2__tensor_release(parts->u);
  pt2__tensor_release(parts->values);
  pt2__tensor_release(parts->vh);
  *parts = (pt2__decomposed_t){NULL, NULL, NULL};
}

static pt2_status_t svd_into(pt2_tensor_t* a, pt2__decomposed_t* parts) {
  pt2__batch_t batch;
  pt2__linalg_batch(a, &batch);
  const int64_t m = pt2__linalg_rows(a), n = pt2__linalg_columns(a);
  const int64_t k = m < n ? m : n;
  PT2_TRY(pt2__linalg_empty_vector(pt2__dtype_real(a->dtype), &batch, k,
                                   &parts->values));
  PT2_TRY(pt2__linalg_empty(a->dtype, &batch, m, k, &parts->u));
  PT2_TRY(pt2__linalg_empty(a->dtype, &batch, k, n, &parts->vh));
  pt2_tensor_t* info;
  PT2_TRY(pt2__linalg_empty_vector(PT2_DTYPE_I32, &batch, -1, &info));
  pt2_status_t status =
      pt2__factor_svd(a, parts->u, parts->values, parts->vh, info);
  if (status == PT2_STATUS_OK) {
    status = pt2__linalg_check_info(info, "linalg.svd", a->rank == 2);
  }
  pt2__tensor_release(info);
  return status;
}

pt2_status_t pt2__decompose_svd(const pt2_tensor_t* self,
                                pt2__decomposed_t* out_parts) {
  *out_parts = (pt2__decomposed_t){NULL, NULL, NULL};
  pt2__batch_t batch;
  pt2__linalg_batch(self, &batch);
  pt2_tensor_t* a;
  PT2_TRY(pt2__linalg_clone(self, &batch, &a));
  pt2_status_t status = svd_into(a, out_parts);
  pt2__tensor_release(a);
  if (status != PT2_STATUS_OK) {
    pt2__decomposed_release(out_parts);
  }
  return status;
}

// LAPACK may take a matrix of NaNs for one that converged.
static pt2_status_t check_numbers(const pt2_tensor_t* values) {
  for (int64_t i = 0; i < values->numel; ++i) {
    double value = values->dtype == PT2_DTYPE_F32
                       ? (double)((const float*)values->data)[i]
                       : ((const double*)values->data)[i];
    PT2_OP_CHECK(!isnan(value),
                 "linalg.eigh: The algorithm failed to converge because the "
                 "input matrix contained non-finite values.");
  }
  return PT2_STATUS_OK;
}

static pt2_status_t eigh_into(const pt2_tensor_t* self,
                              pt2__decomposed_t* parts) {
  pt2__batch_t batch;
  pt2__linalg_batch(self, &batch);
  PT2_TRY(pt2__linalg_clone(self, &batch, &parts->u));
  PT2_TRY(pt2__linalg_empty_vector(pt2__dtype_real(self->dtype), &batch,
                                   pt2__linalg_rows(self), &parts->values));
  pt2_tensor_t* info;
  PT2_TRY(pt2__linalg_empty_vector(PT2_DTYPE_I32, &batch, -1, &info));
  pt2_status_t status =
      pt2__factor_eigh(parts->u, false, true, parts->values, info);
  if (status == PT2_STATUS_OK) {
    status = pt2__linalg_check_info(info, "linalg.eigh", self->rank == 2);
  }
  pt2__tensor_release(info);
  return status == PT2_STATUS_OK ? check_numbers(parts->values) : status;
}

pt2_status_t pt2__decompose_eigh(const pt2_tensor_t* self,
                                 pt2__decomposed_t* out_parts) {
  *out_parts = (pt2__decomposed_t){NULL, NULL, NULL};
  pt2_status_t status = eigh_into(self, out_parts);
  if (status != PT2_STATUS_OK) {
    pt2__decomposed_release(out_parts);
  }
  return status;
}

#define SCALE(name, type)                                            \
  static void name(type* data, const type* factors, int64_t columns, \
                   int64_t count) {                                  \
    for (int64_t j = 0; j < columns; ++j, data += count) {           \
      for (int64_t i = 0; i < count; ++i) {                          \
        data[i] *= factors[j];                                       \
      }                                                              \
    }                                                                \
  }
SCALE(scale_f32, float)
SCALE(scale_f64, double)

void pt2__scale_columns(pt2_tensor_t* matrices, const pt2_tensor_t* factors) {
  // All columns of all matrices lie one after the other, as the factors do.
  const int64_t rows = pt2__linalg_rows(matrices);
  const int64_t parts = pt2__dtype_is_complex(matrices->dtype) ? 2 : 1;
  if (factors->dtype == PT2_DTYPE_F32) {
    scale_f32(matrices->data, factors->data, factors->numel, parts * rows);
  } else {
    scale_f64(matrices->data, factors->data, factors->numel, parts * rows);
  }
}

static pt2__gemm_operand_t operand_of(pt2__factor_t factor) {
  const int64_t rows = pt2__linalg_rows(factor.matrices);
  const int64_t size = rows * pt2__linalg_columns(factor.matrices);
  return factor.transposed
             ? (pt2__gemm_operand_t){factor.matrices->data, size, rows, 1}
             : (pt2__gemm_operand_t){factor.matrices->data, size, 1, rows};
}

pt2_status_t pt2__multiply_factors(pt2__factor_t a, pt2__factor_t b,
                                   pt2_tensor_t* result) {
  if (result->numel == 0) {
    return PT2_STATUS_OK;
  }
  const int64_t m = pt2__linalg_rows(result), n = pt2__linalg_columns(result);
  const pt2__gemm_t gemm = {.dtype = result->dtype,
                            .batch = result->numel / (m * n),
                            .m = m,
                            .n = n,
                            .k = a.transposed ? pt2__linalg_rows(a.matrices)
                                              : pt2__linalg_columns(a.matrices),
                            .alpha = 1,
                            .a = operand_of(a),
                            .b = operand_of(b),
                            .c = result->data,
                            .c_bs = m * n,
                            .c_rs = n,
                            .c_cs = 1};
  return pt2__gemm(&gemm);
}
