// SPDX-License-Identifier: Apache-2.0
//
// aten::embedding_renorm, by name: rows of a table that are looked up, scaled
// down to a largest norm (torch.nn.Embedding's max_norm).
#include <math.h>

#include "ops/boxed.h"

static double absolute(const char* row, int32_t dtype, int64_t stride,
                       int64_t i) {
  const size_t bytes = pt2_dtype_size_bytes(dtype);
  return fabs(pt2__element_get_f64(dtype, row + i * stride * (int64_t)bytes));
}

static double norm_of(const char* row, int32_t dtype, int64_t stride,
                      int64_t count, double power) {
  double sum = power == -INFINITY ? INFINITY : 0;
  for (int64_t i = 0; i < count; ++i) {
    double value = absolute(row, dtype, stride, i);
    if (isnan(value)) {
      return value;
    }
    if (isinf(power)) {
      sum = (power > 0) == (value > sum) ? value : sum;
    } else {
      sum += power == 0   ? (value != 0 ? 1 : 0)
             : power == 1 ? value
             : power == 2 ? value * value
                          : pow(value, power);
    }
  }
  return isinf(power) || power == 0 || power == 1 ? sum
         : power == 2                             ? sqrt(sum)
                                                  : pow(sum, 1 / power);
}

// The norm counts as the dtype holds it, and so does the scale.
static void shrink(pt2_tensor_t* table, int64_t at, double max_norm,
                   double power) {
  const size_t bytes = pt2_dtype_size_bytes(table->dtype);
  char* row = (char*)table->data + at * table->strides[0] * (int64_t)bytes;
  char element[8];
  pt2__element_set_f64(
      table->dtype, element,
      norm_of(row, table->dtype, table->strides[1], table->sizes[1], power));
  double norm = pt2__element_get_f64(table->dtype, element);
  if (!(norm > max_norm)) {
    return;
  }
  double scale = max_norm / (norm + 1e-7);
  if (table->dtype != PT2_DTYPE_F64) {
    scale = (double)(float)scale;
  }
  for (int64_t i = 0; i < table->sizes[1]; ++i) {
    char* to = row + i * table->strides[1] * (int64_t)bytes;
    pt2__element_set_f64(table->dtype, to,
                         pt2__element_get_f64(table->dtype, to) * scale);
  }
}

// |done| has a byte for each row: one that comes twice is scaled once.
static void shrink_all(pt2_tensor_t* table, const pt2_tensor_t* indices,
                       double max_norm, double power, pt2_tensor_t* done) {
  bool* seen = done->data;
  const int64_t* at = indices->data;
  for (int64_t i = 0; i < done->numel; ++i) {
    seen[i] = false;
  }
  for (int64_t i = 0; i < indices->numel; ++i) {
    int64_t row = at[i] < 0 ? at[i] + table->sizes[0] : at[i];
    if (!seen[row]) {
      seen[row] = true;
      shrink(table, row, max_norm, power);
    }
  }
}

static pt2_status_t check_indices(const pt2_tensor_t* dense, int64_t rows) {
  const int64_t* at = dense->data;
  for (int64_t i = 0; i < dense->numel; ++i) {
    PT2_OP_CHECK(at[i] >= -rows && at[i] < rows,
                 "index %lld out of range for a table of %lld rows",
                 (long long)at[i], (long long)rows);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t run(const pt2_tensor_t* self, const pt2_tensor_t* dense,
                        double max_norm, double power,
                        pt2_tensor_t** out_result) {
  pt2_tensor_t *done, *result;
  PT2_TRY(check_indices(dense, self->sizes[0]));
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_BOOL, 1, self->sizes, NULL, &done));
  pt2_status_t status = pt2__tensor_empty_like(self, self->dtype, &result);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(result, self);
    if (status == PT2_STATUS_OK) {
      shrink_all(result, dense, max_norm, power, done);
      *out_result = result;
    } else {
      pt2__tensor_release(result);
    }
  }
  pt2__tensor_release(done);
  return status;
}

// (Tensor self, Tensor indices, float max_norm, float norm_type)
static pt2_status_t embedding_renorm(const pt2__boxed_t* boxed,
                                     pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *indices, *dense;
  double max_norm = 0, power = 2;
  bool given;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "indices", &indices));
  PT2_TRY(pt2__boxed_number(boxed, 2, "max_norm", &max_norm, &given));
  PT2_OP_CHECK(given, "argument max_norm: expected a number, got None");
  PT2_TRY(pt2__boxed_number(boxed, 3, "norm_type", &power, NULL));
  PT2_OP_CHECK(self->rank == 2,
               "Expected 2-dimensional tensor, but got %d-dimensional tensor "
               "for argument #1 'self'",
               (int)self->rank);
  PT2_OP_CHECK(
      indices->dtype == PT2_DTYPE_I64 || indices->dtype == PT2_DTYPE_I32,
      "Expected tensor for argument #2 'indices' to have one of the following "
      "scalar types: Long, Int; but got %s instead",
      pt2__dtype_torch_name(indices->dtype));
  PT2_OP_CHECK(pt2__dtype_is_floating(self->dtype) &&
                   pt2_dtype_size_bytes(self->dtype) > 1,
               "linalg.vector_norm: Expected a floating point tensor as input. "
               "Got %s",
               pt2__dtype_torch_name(self->dtype));
  PT2_TRY(pt2__tensor_to_contiguous(indices, PT2_DTYPE_I64, &dense));
  pt2_status_t status = run(self, dense, max_norm, power, out_result);
  pt2__tensor_release(dense);
  return status;
}

PT2_BOXED_OP(embedding_renorm, 1, embedding_renorm)
