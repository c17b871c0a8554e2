// SPDX-License-Identifier: Apache-2.0
//
// aten::_foreach_norm.Scalar and aten::_foreach_powsum.Scalar, by name: the
// norm of each tensor of a list, and the sum that it is the root of.
#include <math.h>

#include "backends/cpu/kernels/elementwise/foreach.h"
#include "backends/cpu/kernels/reduce/power_sum.h"

typedef struct {
  double order;
  bool root;
  int32_t dtype;  // PT2_DTYPE_UNDEFINED: the tensor's
} norm_t;

static bool is_known(int32_t dtype) {
  return (pt2__dtype_is_floating(dtype) && pt2_dtype_size_bytes(dtype) > 1) ||
         dtype == PT2_DTYPE_COMPLEX64 || dtype == PT2_DTYPE_COMPLEX128;
}

// What the norm of |order| is the root of, or the norm itself.
static double sum_of(const pt2_tensor_t* dense, double order) {
  if (order == 0) {
    return pt2__count_of_others_than_zero(dense->dtype, dense->data,
                                          dense->numel);
  }
  return isinf(order)
             ? pt2__absolute_extreme(dense->dtype, dense->data, dense->numel,
                                     order > 0)
             : pt2__power_sum(dense->dtype, dense->data, dense->numel, order);
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
  PT2_OP_CHECK(!norm->root || self->numel > 0 || norm->order >= 0,
               "linalg.vector_norm cannot compute the %g norm on an empty "
               "tensor because the operation does not have an identity",
               norm->order);
  PT2_OP_CHECK(!norm->root || self->numel > 0 || !isinf(norm->order),
               "linalg.vector_norm cannot compute the infinity norm on an "
               "empty tensor because the operation does not have an identity");
  int32_t dtype = norm->dtype != PT2_DTYPE_UNDEFINED
                      ? norm->dtype
                      : pt2__dtype_real(self->dtype);
  PT2_OP_CHECK(is_known(dtype),
               "linalg.vector_norm: dtype should be floating "
               "point or complex, but got %s",
               pt2__dtype_torch_name(dtype));
  PT2_TRY(pt2__tensor_contiguous(self, &dense));
  pt2_status_t status =
      pt2__tensor_empty(pt2__dtype_real(dtype), 0, NULL, NULL, &result);
  if (status == PT2_STATUS_OK) {
    const double sum = norm->root ? sum_of(dense, norm->order)
                                  : pt2__power_sum(dense->dtype, dense->data,
                                                   dense->numel, norm->order);
    const bool plain = !norm->root || isinf(norm->order) || norm->order == 0 ||
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
