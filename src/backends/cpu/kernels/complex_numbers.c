// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/complex_numbers.h"

#include <string.h>

#include "ops/reduce_dim.h"

pt2_status_t pt2__complex_check(int32_t dtype) {
  if (dtype != PT2_DTYPE_COMPLEX64 && dtype != PT2_DTYPE_COMPLEX128) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "not implemented for '%s' by name, only for complex64 and "
                    "complex128",
                    pt2__dtype_torch_name(dtype));
  }
  return PT2_STATUS_OK;
}

static pt2__elementwise_kernel_t kernel_of(const pt2__complex_loops_t* loops,
                                           const void* context, int32_t dtype,
                                           int32_t result_dtype) {
  return (pt2__elementwise_kernel_t){
      .loop = dtype == PT2_DTYPE_COMPLEX128 ? loops->wide : loops->narrow,
      .context = context,
      .input_dtype = dtype,
      .result_dtype = result_dtype,
      .work = loops->work,
  };
}

static pt2_status_t unary(const pt2__boxed_t* boxed,
                          const pt2__complex_loops_t* loops, bool tests,
                          pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__complex_check(self->dtype));
  int32_t result_dtype = tests ? PT2_DTYPE_BOOL : self->dtype;
  const pt2__elementwise_kernel_t kernel =
      kernel_of(loops, NULL, self->dtype, result_dtype);
  const pt2_tensor_t* const inputs[] = {self};
  return pt2__elementwise_new(&kernel, inputs, 1, self->dtype, result_dtype,
                              out_result);
}

pt2_status_t pt2__complex_unary(const pt2__boxed_t* boxed,
                                const pt2__complex_loops_t* loops,
                                pt2_tensor_t** out_result) {
  return unary(boxed, loops, false, out_result);
}

pt2_status_t pt2__complex_predicate(const pt2__boxed_t* boxed,
                                    const pt2__complex_loops_t* loops,
                                    pt2_tensor_t** out_result) {
  return unary(boxed, loops, true, out_result);
}

static pt2_status_t of_two(const pt2_tensor_t* a, const pt2_tensor_t* b,
                           int32_t dtype, bool compares,
                           const pt2__complex_loops_t* loops,
                           const void* context, pt2_tensor_t** out_result) {
  PT2_TRY(pt2__complex_check(dtype));
  const pt2_tensor_t* const inputs[] = {a, b};
  int32_t result_dtype = compares ? PT2_DTYPE_BOOL : dtype;
  const pt2__elementwise_kernel_t kernel =
      kernel_of(loops, context, dtype, result_dtype);
  return pt2__elementwise_new(&kernel, inputs, 2, dtype, result_dtype,
                              out_result);
}

pt2_status_t pt2__complex_binary(const pt2_tensor_t* a, const pt2_tensor_t* b,
                                 bool compares,
                                 const pt2__complex_loops_t* loops,
                                 const void* context,
                                 pt2_tensor_t** out_result) {
  const pt2_tensor_t* const inputs[] = {a, b};
  int32_t dtype;
  PT2_TRY(pt2__elementwise_promote(inputs, 2, &dtype));
  return of_two(a, b, dtype, compares, loops, context, out_result);
}

pt2_status_t pt2__complex_comparison(const pt2__boxed_t* boxed,
                                     const pt2__complex_loops_t* loops,
                                     pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *other;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "other", &other));
  return pt2__complex_binary(self, other, true, loops, NULL, out_result);
}

pt2_status_t pt2__complex_number(const pt2__boxed_t* boxed, size_t at,
                                 const char* name, pt2__promotion_t* promotion,
                                 pt2_tensor_t** out_tensor) {
  double parts[2] = {0, 0};
  int32_t dtype = PT2_DTYPE_UNDEFINED;
  PT2_TRY(pt2__boxed_scalar(boxed, at, name, parts, &dtype));
  PT2_OP_CHECK(dtype != PT2_DTYPE_UNDEFINED,
               "argument %s: expected a number, got nothing", name);
  PT2_TRY(pt2__promotion_add_number(promotion, dtype));
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_COMPLEX128, 0, NULL, NULL, out_tensor));
  memcpy((*out_tensor)->data, parts, sizeof(parts));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__complex_with_scalar(const pt2__boxed_t* boxed,
                                      const char* name, bool compares,
                                      const pt2__complex_loops_t* loops,
                                      pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *number;
  pt2__promotion_t promotion = PT2__PROMOTION_NONE;
  int32_t dtype;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__promotion_add(&promotion, self));
  PT2_TRY(pt2__complex_number(boxed, 1, name, &promotion, &number));
  pt2_status_t status = pt2__promotion_result(&promotion, &dtype);
  if (status == PT2_STATUS_OK) {
    status = of_two(self, number, dtype, compares, loops, NULL, out_result);
  }
  pt2__tensor_release(number);
  return status;
}

pt2_status_t pt2__complex_ternary(const pt2__boxed_t* boxed,
                                  const pt2__complex_loops_t* loops,
                                  pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *tensor1, *tensor2;
  double value[2] = {1, 0};
  int32_t number = PT2_DTYPE_I64, dtype;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "tensor1", &tensor1));
  PT2_TRY(pt2__boxed_tensor(boxed, 2, "tensor2", &tensor2));
  PT2_TRY(pt2__boxed_scalar(boxed, 3, "value", value, &number));
  const pt2_tensor_t* const inputs[] = {self, tensor1, tensor2};
  PT2_TRY(pt2__elementwise_promote(inputs, 3, &dtype));
  PT2_TRY(pt2__complex_check(dtype));
  const pt2__elementwise_kernel_t kernel =
      kernel_of(loops, value, dtype, dtype);
  return pt2__elementwise_new(&kernel, inputs, 3, dtype, dtype, out_result);
}

// ---- Reductions ------------------------------------------------------------

// |from| is row-major. Sums are taken in double, in the elements' order.
static void accumulate(const pt2_tensor_t* from,
                       const pt2__reduce_dims_t* shape, bool multiply,
                       double _Complex* to) {
  int64_t index[PT2__MAX_RANK] = {0};
  const double _Complex* values = from->data;
  int64_t place = 0;
  for (int64_t i = 0; i < from->numel; ++i) {
    to[place] = multiply ? to[place] * values[i] : to[place] + values[i];
    pt2__reduce_dims_next(from, shape, index, &place);
  }
}

// |sums| is complex128 of the result's sizes.
static pt2_status_t reduce(const pt2_tensor_t* self,
                           const pt2__reduce_dims_t* shape,
                           pt2__complex_reduction_t reduction,
                           pt2_tensor_t* sums) {
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_to_contiguous(self, PT2_DTYPE_COMPLEX128, &dense));
  double _Complex* to = sums->data;
  bool multiply = reduction == PT2__COMPLEX_PROD;
  for (int64_t i = 0; i < sums->numel; ++i) {
    to[i] = multiply ? 1 : 0;
  }
  accumulate(dense, shape, multiply, to);
  if (reduction == PT2__COMPLEX_MEAN && sums->numel > 0) {
    double count = (double)self->numel / (double)sums->numel;
    for (int64_t i = 0; i < sums->numel; ++i) {
      to[i] /= count;
    }
  }
  pt2__tensor_release(dense);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__complex_reduce(const pt2_tensor_t* self, const int64_t* dims,
                                 int64_t count, bool keep,
                                 pt2__complex_reduction_t reduction,
                                 int32_t dtype, pt2_tensor_t** out_result) {
  PT2_TRY(pt2__complex_check(self->dtype));
  PT2_TRY(pt2__complex_check(dtype));
  pt2__reduce_dims_t shape;
  PT2_TRY(pt2__reduce_dims(self, dims, count, true, keep, &shape));
  pt2_tensor_t *sums, *result;
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_COMPLEX128, shape.rank, shape.sizes, NULL,
                            &sums));
  pt2_status_t status = reduce(self, &shape, reduction, sums);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_to_contiguous(sums, dtype, &result);
  }
  pt2__tensor_release(sums);
  if (status != PT2_STATUS_OK) {
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__complex_reduce_all(const pt2__boxed_t* boxed,
                                     pt2__complex_reduction_t reduction,
                                     pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  int64_t dtype = self->dtype;
  PT2_TRY(pt2__boxed_enum(boxed, 1, "dtype", PT2_VALUE_DTYPE, &dtype, NULL));
  return pt2__complex_reduce(self, NULL, 0, false, reduction, (int32_t)dtype,
                             out_result);
}

pt2_status_t pt2__complex_reduce_dims(const pt2__boxed_t* boxed,
                                      pt2__complex_reduction_t reduction,
                                      pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  const int64_t* dims;
  int64_t count;
  bool keep = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_optional_ints(boxed, 1, "dim", &dims, &count));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "keepdim", &keep));
  int64_t dtype = self->dtype;
  PT2_TRY(pt2__boxed_enum(boxed, 3, "dtype", PT2_VALUE_DTYPE, &dtype, NULL));
  return pt2__complex_reduce(self, dims, count, keep, reduction, (int32_t)dtype,
                             out_result);
}

// ---- Variances -------------------------------------------------------------

// Turns |sums| into means and adds the squared distances to them up.
static void spread(const pt2_tensor_t* from, const pt2__reduce_dims_t* shape,
                   double count, pt2_tensor_t* sums, double* squares) {
  const double _Complex* values = from->data;
  double _Complex* means = sums->data;
  for (int64_t i = 0; i < sums->numel; ++i) {
    means[i] /= count;
    squares[i] = 0;
  }
  int64_t index[PT2__MAX_RANK] = {0}, place = 0;
  for (int64_t i = 0; i < from->numel; ++i) {
    const double _Complex away = values[i] - means[place];
    squares[place] += creal(away) * creal(away) + cimag(away) * cimag(away);
    pt2__reduce_dims_next(from, shape, index, &place);
  }
}

// |sums| becomes the means, |squares| the variances.
static pt2_status_t vary(const pt2_tensor_t* self,
                         const pt2__reduce_dims_t* shape, double correction,
                         pt2_tensor_t* sums, pt2_tensor_t* squares) {
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_to_contiguous(self, PT2_DTYPE_COMPLEX128, &dense));
  double count = 1;
  for (int32_t d = 0; d < self->rank; ++d) {
    count *= shape->reduced[d] ? (double)self->sizes[d] : 1;
  }
  double _Complex* totals = sums->data;
  for (int64_t i = 0; i < sums->numel; ++i) {
    totals[i] = 0;
  }
  accumulate(dense, shape, false, totals);
  spread(dense, shape, count, sums, squares->data);
  const double divisor = count > correction ? count - correction : 0;
  double* to = squares->data;
  for (int64_t i = 0; i < squares->numel; ++i) {
    to[i] /= divisor;
  }
  pt2__tensor_release(dense);
  return PT2_STATUS_OK;
}

// (Tensor self, int[1]? dim, *, Scalar? correction, bool keepdim)
pt2_status_t pt2__complex_variance(const pt2__boxed_t* boxed,
                                   pt2_tensor_t** out_variance,
                                   pt2_tensor_t** out_mean) {
  pt2_tensor_t *self, *sums, *squares, *variance = NULL, *mean = NULL;
  const int64_t* dims;
  int64_t count;
  double correction = 1;
  bool keep = false;
  pt2__reduce_dims_t shape;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__complex_check(self->dtype));
  PT2_TRY(pt2__boxed_optional_ints(boxed, 1, "dim", &dims, &count));
  PT2_TRY(pt2__boxed_number(boxed, 2, "correction", &correction, NULL));
  PT2_TRY(pt2__boxed_bool(boxed, 3, "keepdim", &keep));
  PT2_TRY(pt2__reduce_dims(self, dims, count, true, keep, &shape));
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_COMPLEX128, shape.rank, shape.sizes, NULL,
                            &sums));
  pt2_status_t status =
      pt2__tensor_empty(PT2_DTYPE_F64, shape.rank, shape.sizes, NULL, &squares);
  if (status == PT2_STATUS_OK) {
    status = vary(self, &shape, correction, sums, squares);
    if (status == PT2_STATUS_OK) {
      bool wide = self->dtype == PT2_DTYPE_COMPLEX128;
      status = pt2__tensor_to_contiguous(
          squares, wide ? PT2_DTYPE_F64 : PT2_DTYPE_F32, &variance);
    }
    pt2__tensor_release(squares);
  }
  if (status == PT2_STATUS_OK && out_mean != NULL) {
    status = pt2__tensor_to_contiguous(sums, self->dtype, &mean);
  }
  pt2__tensor_release(sums);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(variance);
    return status;
  }
  *out_variance = variance;
  if (out_mean != NULL) {
    *out_mean = mean;
  }
  return PT2_STATUS_OK;
}

// ---- Any -------------------------------------------------------------------

pt2_status_t pt2__complex_any(const pt2_tensor_t* self, const int64_t* dims,
                              int64_t count, bool all, bool keep,
                              pt2_tensor_t** out_result) {
  pt2__reduce_dims_t shape;
  pt2_tensor_t *dense, *result;
  PT2_TRY(pt2__complex_check(self->dtype));
  PT2_TRY(pt2__reduce_dims(self, dims, count, all, keep, &shape));
  PT2_TRY(pt2__tensor_to_contiguous(self, PT2_DTYPE_COMPLEX128, &dense));
  pt2_status_t status =
      pt2__tensor_empty(PT2_DTYPE_BOOL, shape.rank, shape.sizes, NULL, &result);
  if (status == PT2_STATUS_OK) {
    const double _Complex* values = dense->data;
    bool* to = result->data;
    int64_t index[PT2__MAX_RANK] = {0}, place = 0;
    for (int64_t i = 0; i < result->numel; ++i) {
      to[i] = false;
    }
    for (int64_t i = 0; i < dense->numel; ++i) {
      to[place] = to[place] || values[i] != 0;
      pt2__reduce_dims_next(dense, &shape, index, &place);
    }
    *out_result = result;
  }
  pt2__tensor_release(dense);
  return status;
}
