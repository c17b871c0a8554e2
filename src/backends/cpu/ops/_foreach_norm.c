// SPDX-License-Identifier: Apache-2.0
//
// aten::_foreach_norm.Scalar and aten::_foreach_powsum.Scalar, by name: the
// norm of each tensor of a list, and the sum that it is the root of.
#include <math.h>

#include "backends/cpu/kernels/foreach.h"
#include "backends/cpu/kernels/sums.h"
#include "tensor/convert.h"

typedef struct {
  double order;
  bool root;
  int32_t dtype;  // PT2_DTYPE_UNDEFINED: the tensor's
} norm_t;

// Elements whose absolute values are found at once.
#define BLOCK 256

static void absolutes(int32_t dtype, const char* from, int64_t count,
                      double* values) {
  const int64_t bytes = (int64_t)pt2_dtype_size_bytes(dtype);
  if (!pt2__dtype_is_complex(dtype)) {
    pt2__convert_run(PT2_DTYPE_F64, values, sizeof(double), dtype, from, bytes,
                     count);
    for (int64_t i = 0; i < count; ++i) {
      values[i] = fabs(values[i]);
    }
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    double parts[2] = {0, 0};
    pt2__element_get_complex(dtype, from + i * bytes, parts);
    values[i] = hypot(parts[0], parts[1]);
  }
}

static double power(double value, double order) {
  return order == 1   ? value
         : order == 2 ? value * value
         : order == 3 ? value * value * value
                      : pow(value, order);
}

// |order| is infinite.
static double farther(const double* values, int64_t count, double order,
                      double most) {
  const double sign = order > 0 ? 1 : -1;
  bool nan = false;
  for (int64_t i = 0; i < count; ++i) {
    nan = nan || isnan(values[i]);
    most = sign * values[i] > sign * most ? values[i] : most;
  }
  return nan || isnan(most) ? NAN : most;
}

// The sum of the powers of f32 numbers, or of the parts of complex64 ones, of
// order 1 or 2.
static double add_up_floats(const float* from, int64_t count, double order) {
  static const double zeros[PT2__SUM_LANES];
  const pt2__sum_functions_t* functions = pt2__sum_functions();
  pt2__sums_t sums = {{0}};
  if (order == 2) {
    functions->squares(from, count, zeros, &sums);
  } else {
    functions->absolutes(from, count, &sums);
  }
  double sum = 0;
  for (int i = 0; i < PT2__SUM_LANES; ++i) {
    sum += sums.lanes[i];
  }
  return sum;
}

// A norm of order 0 counts what is not 0, and an infinite one is the largest or
// smallest; a sum of powers has pow()'s values for these orders too.
static double add_up(const pt2_tensor_t* dense, double order, bool root) {
  const bool extreme = root && isinf(order), counts = root && order == 0;
  if (dense->dtype == PT2_DTYPE_F32 && (order == 1 || order == 2)) {
    return add_up_floats(dense->data, dense->numel, order);
  }
  if (dense->dtype == PT2_DTYPE_COMPLEX64 && order == 2) {
    return add_up_floats(dense->data, 2 * dense->numel, order);
  }
  const int64_t bytes = (int64_t)pt2_dtype_size_bytes(dense->dtype);
  double sum = extreme && order < 0 ? INFINITY : 0, values[BLOCK];
  for (int64_t first = 0; first < dense->numel; first += BLOCK) {
    int64_t rest = dense->numel - first, some = rest < BLOCK ? rest : BLOCK;
    absolutes(dense->dtype, (const char*)dense->data + first * bytes, some,
              values);
    if (extreme) {
      sum = farther(values, some, order, sum);
      continue;
    }
    for (int64_t i = 0; i < some; ++i) {
      sum += counts ? values[i] != 0 : power(values[i], order);
    }
  }
  return sum;
}

static int32_t real_of(int32_t dtype) {
  return dtype == PT2_DTYPE_COMPLEX64    ? PT2_DTYPE_F32
         : dtype == PT2_DTYPE_COMPLEX128 ? PT2_DTYPE_F64
                                         : dtype;
}

static bool is_known(int32_t dtype) {
  return (pt2__dtype_is_floating(dtype) && pt2_dtype_size_bytes(dtype) > 1) ||
         dtype == PT2_DTYPE_COMPLEX64 || dtype == PT2_DTYPE_COMPLEX128;
}

static pt2_status_t norm_of(const void* context,
                            const pt2_tensor_t* const* tensors,
                            pt2_tensor_t** out_result) {
  const norm_t* norm = context;
  const pt2_tensor_t* self = tensors[0];
  pt2_tensor_t *dense, *result;
  PT2_OP_CHECK(is_known(self->dtype),
               "linalg.vector_norm: Expected a floating point or complex "
               "tensor as input. Got %s",
               pt2__dtype_torch_name(self->dtype));
  PT2_OP_CHECK(self->numel > 0 || norm->order >= 0 || !norm->root,
               "linalg.vector_norm cannot compute the %g norm on an empty "
               "tensor because the operation does not have an identity",
               norm->order);
  PT2_OP_CHECK(self->numel > 0 || !isinf(norm->order) || !norm->root,
               "linalg.vector_norm cannot compute the infinity norm on an "
               "empty tensor because the operation does not have an identity");
  int32_t dtype =
      norm->dtype != PT2_DTYPE_UNDEFINED ? norm->dtype : real_of(self->dtype);
  PT2_OP_CHECK(is_known(dtype),
               "linalg.vector_norm: dtype should be floating "
               "point or complex, but got %s",
               pt2__dtype_torch_name(dtype));
  PT2_TRY(pt2__tensor_contiguous(self, &dense));
  pt2_status_t status =
      pt2__tensor_empty(real_of(dtype), 0, NULL, NULL, &result);
  if (status == PT2_STATUS_OK) {
    double sum = add_up(dense, norm->order, norm->root && isinf(norm->order));
    bool plain = !norm->root || isinf(norm->order) || norm->order == 0 ||
                 norm->order == 1;
    pt2__element_set_f64(result->dtype, result->data,
                         plain              ? sum
                         : norm->order == 2 ? sqrt(sum)
                                            : pow(sum, 1 / norm->order));
    *out_result = result;
  }
  pt2__tensor_release(dense);
  return status;
}

// (Tensor[] self, Scalar ord, ScalarType? dtype) -> Tensor[]
static pt2_status_t run(const pt2__boxed_t* boxed, bool root,
                        pt2_tensor_t** results) {
  static const char* const names[] = {"self"};
  norm_t norm = {2, root, PT2_DTYPE_UNDEFINED};
  int64_t dtype = PT2_DTYPE_UNDEFINED;
  PT2_TRY(pt2__boxed_number(boxed, 1, "ord", &norm.order, NULL));
  PT2_TRY(pt2__boxed_enum(boxed, 2, "dtype", PT2_VALUE_DTYPE, &dtype, NULL));
  norm.dtype = (int32_t)dtype;
  return pt2__foreach(boxed, names, 1, norm_of, &norm, results);
}

static pt2_status_t foreach_norm(const pt2__boxed_t* boxed,
                                 pt2_tensor_t** results) {
  return run(boxed, true, results);
}

PT2_BOXED_OVERLOAD(_foreach_norm, "aten::_foreach_norm.Scalar", PT2__BOXED_LIST,
                   foreach_norm)

static pt2_status_t foreach_powsum(const pt2__boxed_t* boxed,
                                   pt2_tensor_t** results) {
  return run(boxed, false, results);
}

PT2_BOXED_OVERLOAD(_foreach_powsum, "aten::_foreach_powsum.Scalar",
                   PT2__BOXED_LIST, foreach_powsum)
