// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/complex_numbers.h"

#include <string.h>

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

pt2_status_t pt2__complex_unary(const pt2__boxed_t* boxed,
                                const pt2__complex_loops_t* loops,
                                pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__complex_check(self->dtype));
  const pt2__elementwise_kernel_t kernel =
      kernel_of(loops, NULL, self->dtype, self->dtype);
  const pt2_tensor_t* const inputs[] = {self};
  return pt2__elementwise_new(&kernel, inputs, 1, self->dtype, self->dtype,
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
  PT2_TRY(pt2__complex_check(dtype));
  int32_t result_dtype = compares ? PT2_DTYPE_BOOL : dtype;
  const pt2__elementwise_kernel_t kernel =
      kernel_of(loops, context, dtype, result_dtype);
  return pt2__elementwise_new(&kernel, inputs, 2, dtype, result_dtype,
                              out_result);
}

// ---- Reductions ------------------------------------------------------------

typedef struct {
  bool reduced[PT2__MAX_RANK];
  int64_t steps[PT2__MAX_RANK];  // of the result, for each dimension of |self|
  int32_t rank;
  int64_t sizes[PT2__MAX_RANK];  // of the result
} shape_t;

static pt2_status_t make_shape(const pt2_tensor_t* self, const int64_t* dims,
                               int64_t count, bool keep, shape_t* out_shape) {
  shape_t shape = {.rank = 0};
  for (int64_t i = 0; i < count; ++i) {
    int64_t dim;
    PT2_TRY(pt2__op_wrap_dim(dims[i], self->rank, &dim));
    PT2_OP_CHECK(!shape.reduced[dim],
                 "dim %lld appears multiple times in the list of dims",
                 (long long)dim);
    shape.reduced[dim] = true;
  }
  int64_t step = 1;
  for (int32_t d = self->rank - 1; d >= 0; --d) {
    bool reduced = shape.reduced[d] || count == 0;
    shape.reduced[d] = reduced;
    shape.steps[d] = reduced ? 0 : step;
    step *= reduced ? 1 : self->sizes[d];
  }
  for (int32_t d = 0; d < self->rank; ++d) {
    if (keep || !shape.reduced[d]) {
      shape.sizes[shape.rank++] = shape.reduced[d] ? 1 : self->sizes[d];
    }
  }
  *out_shape = shape;
  return PT2_STATUS_OK;
}

// |from| is row-major. Sums are taken in double, in the elements' order.
static void accumulate(const pt2_tensor_t* from, const shape_t* shape,
                       bool multiply, double _Complex* to) {
  int64_t index[PT2__MAX_RANK] = {0};
  const double _Complex* values = from->data;
  int64_t place = 0;
  for (int64_t i = 0; i < from->numel; ++i) {
    to[place] = multiply ? to[place] * values[i] : to[place] + values[i];
    for (int32_t d = from->rank - 1; d >= 0; --d) {
      place += shape->steps[d];
      if (++index[d] < from->sizes[d]) {
        break;
      }
      place -= shape->steps[d] * index[d];
      index[d] = 0;
    }
  }
}

// |sums| is complex128 of the result's sizes.
static pt2_status_t reduce(const pt2_tensor_t* self, const shape_t* shape,
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
  shape_t shape;
  PT2_TRY(make_shape(self, dims, count, keep, &shape));
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
