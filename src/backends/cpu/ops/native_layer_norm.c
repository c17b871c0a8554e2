// SPDX-License-Identifier: Apache-2.0
//
// aten::native_layer_norm. PyTorch has no C function for it: a model that did
// not compile it calls it by name through the proxy executor.
#include <math.h>

#include "backends/cpu/kernels/reduce/rows.h"
#include "ops/boxed.h"
#include "ops/layer_norm.h"

// Row-major tensors of the dtype that is computed with.
typedef struct {
  pt2_tensor_t *input, *weight, *bias, *out, *mean, *factor;
} operands_t;

static void release(operands_t* o) {
  pt2__tensor_release(o->input);
  pt2__tensor_release(o->weight);
  pt2__tensor_release(o->bias);
  pt2__tensor_release(o->out);
  pt2__tensor_release(o->mean);
  pt2__tensor_release(o->factor);
}

static void normalize_f32(const operands_t* o, int64_t row, int64_t columns,
                          double eps) {
  const pt2__rows_t* rows = pt2__rows();
  const float* from = (const float*)o->input->data + row * columns;
  float count = (float)columns;
  float mean = columns > 0 ? rows->sum_f32(from, columns) / count : 0;
  float variance = rows->spread_f32(from, mean, columns) / count;
  float factor = 1 / sqrtf(variance + (float)eps);
  ((float*)o->mean->data)[row] = mean;
  ((float*)o->factor->data)[row] = factor;
  rows->normalize_f32(from, mean, factor,
                      o->weight == NULL ? NULL : o->weight->data,
                      o->bias == NULL ? NULL : o->bias->data, columns,
                      (float*)o->out->data + row * columns);
}

static void normalize_f64(const operands_t* o, int64_t row, int64_t columns,
                          double eps) {
  const pt2__rows_t* rows = pt2__rows();
  const double* from = (const double*)o->input->data + row * columns;
  double count = (double)columns;
  double mean = columns > 0 ? rows->sum_f64(from, columns) / count : 0;
  double variance = rows->spread_f64(from, mean, columns) / count;
  double factor = 1 / sqrt(variance + eps);
  ((double*)o->mean->data)[row] = mean;
  ((double*)o->factor->data)[row] = factor;
  rows->normalize_f64(from, mean, factor,
                      o->weight == NULL ? NULL : o->weight->data,
                      o->bias == NULL ? NULL : o->bias->data, columns,
                      (double*)o->out->data + row * columns);
}

// The result itself where it has |dtype|, else memory that is copied later.
static pt2_status_t make_target(pt2_tensor_t* result, int32_t dtype,
                                pt2_tensor_t** out_target) {
  return result->dtype == dtype
             ? pt2__tensor_alias(result, out_target)
             : pt2__tensor_empty(dtype, result->rank, result->sizes, NULL,
                                 out_target);
}

static pt2_status_t prepare(const pt2_tensor_t* input,
                            const pt2_tensor_t* weight,
                            const pt2_tensor_t* bias, pt2_tensor_t** results,
                            operands_t* o) {
  int32_t dtype = input->dtype == PT2_DTYPE_F64 ? PT2_DTYPE_F64 : PT2_DTYPE_F32;
  PT2_TRY(pt2__tensor_to_contiguous(input, dtype, &o->input));
  if (weight != NULL) {
    PT2_TRY(pt2__tensor_to_contiguous(weight, dtype, &o->weight));
  }
  if (bias != NULL) {
    PT2_TRY(pt2__tensor_to_contiguous(bias, dtype, &o->bias));
  }
  PT2_TRY(make_target(results[0], dtype, &o->out));
  PT2_TRY(make_target(results[1], dtype, &o->mean));
  return make_target(results[2], dtype, &o->factor);
}

static pt2_status_t run(const pt2__layer_norm_t* norm, double eps,
                        const operands_t* o, pt2_tensor_t** results) {
  int threads = pt2__op_threads(norm->rows * norm->columns);
  bool in_double = o->out->dtype == PT2_DTYPE_F64;
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t row = 0; row < norm->rows; ++row) {
    (in_double ? normalize_f64 : normalize_f32)(o, row, norm->columns, eps);
  }
  const pt2_tensor_t* computed[3] = {o->out, o->mean, o->factor};
  for (int i = 0; i < 3; ++i) {
    if (computed[i]->dtype != results[i]->dtype) {
      PT2_TRY(pt2__tensor_copy(results[i], computed[i]));
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t make_results(const pt2_tensor_t* input,
                                 const pt2__layer_norm_t* norm,
                                 pt2_tensor_t** results) {
  PT2_TRY(pt2__tensor_empty(input->dtype, input->rank, input->sizes, NULL,
                            &results[0]));
  PT2_TRY(pt2__tensor_empty(norm->statistics_dtype, input->rank,
                            norm->statistics_sizes, NULL, &results[1]));
  return pt2__tensor_empty(norm->statistics_dtype, input->rank,
                           norm->statistics_sizes, NULL, &results[2]);
}

// (Tensor input, SymInt[] normalized_shape, Tensor? weight, Tensor? bias,
//  float eps) -> (Tensor, Tensor, Tensor)
static pt2_status_t layer_norm(const pt2__boxed_t* boxed,
                               pt2_tensor_t** out_results) {
  pt2_tensor_t *input, *weight, *bias;
  const int64_t* shape;
  int64_t count;
  double eps = 0;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "input", &input));
  PT2_TRY(pt2__boxed_ints(boxed, 1, "normalized_shape", &shape, &count));
  PT2_TRY(pt2__boxed_optional_tensor(boxed, 2, "weight", &weight));
  PT2_TRY(pt2__boxed_optional_tensor(boxed, 3, "bias", &bias));
  PT2_TRY(pt2__boxed_number(boxed, 4, "eps", &eps, NULL));
  pt2__layer_norm_t norm;
  PT2_TRY(pt2__layer_norm_resolve(input, shape, count, weight, bias, &norm));
  pt2_tensor_t* results[3] = {NULL, NULL, NULL};
  operands_t operands = {0};
  pt2_status_t status = make_results(input, &norm, results);
  if (status == PT2_STATUS_OK) {
    status = prepare(input, weight, bias, results, &operands);
  }
  if (status == PT2_STATUS_OK) {
    status = run(&norm, eps, &operands, results);
  }
  release(&operands);
  for (int i = 0; i < 3; ++i) {
    if (status == PT2_STATUS_OK) {
      out_results[i] = results[i];
    } else {
      pt2__tensor_release(results[i]);
    }
  }
  return status;
}

PT2_BOXED_OP(native_layer_norm, 3, layer_norm)
