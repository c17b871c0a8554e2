// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/elementwise/foreach.h"

#define MOST_LISTS 3

pt2_status_t pt2__foreach(const pt2__boxed_t* boxed, const char* const* names,
                          int count, pt2__foreach_fn function,
                          const void* context, pt2_tensor_t** results) {
  pt2_tensor_t* const* lists[MOST_LISTS];
  int64_t length = 0, other;
  for (int i = 0; i < count; ++i) {
    PT2_TRY(pt2__boxed_tensors(boxed, (size_t)i, names[i], &lists[i], &other));
    length = i == 0 ? other : length;
    PT2_OP_CHECK(other == length,
                 "Tensor lists must have the same number of tensors, got %lld "
                 "and %lld",
                 (long long)length, (long long)other);
    for (int64_t j = 0; j < other; ++j) {
      PT2_OP_CHECK(lists[i][j] != NULL, "%s: tensor %lld is None", names[i],
                   (long long)j);
    }
  }
  PT2_OP_CHECK(length > 0, "Tensor list must have at least one tensor.");
  PT2_OP_CHECK(boxed->result_count == (size_t)length,
               "the model has room for %zu results, there are %lld",
               boxed->result_count, (long long)length);
  for (int64_t j = 0; j < length; ++j) {
    const pt2_tensor_t* tensors[MOST_LISTS] = {NULL};
    for (int i = 0; i < count; ++i) {
      tensors[i] = lists[i][j];
    }
    pt2_status_t status = function(context, tensors, &results[j]);
    if (status != PT2_STATUS_OK) {
      while (j-- > 0) {
        pt2__tensor_release(results[j]);
        results[j] = NULL;
      }
      return status;
    }
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__foreach_number(const pt2__boxed_t* boxed, size_t at,
                                 const char* name,
                                 pt2__foreach_number_t* number) {
  PT2_TRY(pt2__boxed_scalar(boxed, at, name, number->parts, &number->dtype));
  PT2_OP_CHECK(number->dtype != PT2_DTYPE_UNDEFINED,
               "argument %s: expected a number, got nothing", name);
  if (number->dtype == PT2_DTYPE_BOOL) {
    number->integer = number->parts[0] != 0;
  } else if (pt2__boxed_kind(boxed, at, name) == PT2_VALUE_INT) {
    return pt2__boxed_int(boxed, at, name, &number->integer);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__foreach_check_number(const pt2__foreach_number_t* number,
                                       int32_t dtype) {
  if (pt2__dtype_is_integral(number->dtype, true)) {
    return pt2__elementwise_check_integer(number->integer, dtype);
  }
  PT2_OP_CHECK(pt2__dtype_is_complex(dtype) || number->parts[1] == 0,
               "value cannot be converted to type %s without overflow: it is "
               "complex",
               pt2__dtype_torch_name(dtype));
  return pt2__elementwise_check_number(number->parts[0], dtype);
}

int32_t pt2__foreach_real_dtype(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_BOOL:
    case PT2_DTYPE_U8:
    case PT2_DTYPE_I8:
    case PT2_DTYPE_I16:
    case PT2_DTYPE_I32:
    case PT2_DTYPE_I64:
      return PT2_DTYPE_I64;
    case PT2_DTYPE_F64:
      return PT2_DTYPE_F64;
    case PT2_DTYPE_F16:
    case PT2_DTYPE_BF16:
    case PT2_DTYPE_F32:
      return PT2_DTYPE_F32;
    default:
      return PT2_DTYPE_UNDEFINED;
  }
}

// Work of one element: about that many additions.
#define UNARY_WORK 20

static pt2_status_t apply(const void* context,
                          const pt2_tensor_t* const* tensors,
                          pt2_tensor_t** out_result) {
  const pt2__foreach_unary_t* unary = context;
  int32_t dtype = tensors[0]->dtype;
  if (unary->complex_loops != NULL && pt2__dtype_is_complex(dtype)) {
    return pt2__complex_unary_of(tensors[0], unary->complex_loops(),
                                 out_result);
  }
  bool integers = pt2__dtype_is_integral(dtype, true);
  if (integers && unary->integers == PT2__FOREACH_KEEP &&
      dtype != PT2_DTYPE_BOOL) {
    pt2_tensor_t* copy;
    PT2_TRY(pt2__tensor_empty_like(tensors[0], dtype, &copy));
    pt2_status_t status = pt2__tensor_copy(copy, tensors[0]);
    if (status != PT2_STATUS_OK) {
      pt2__tensor_release(copy);
      return status;
    }
    *out_result = copy;
    return PT2_STATUS_OK;
  }
  if (integers && unary->integers == PT2__FOREACH_TO_FLOAT) {
    dtype = PT2_DTYPE_F32;
  }
  PT2_OP_CHECK(pt2__dtype_is_floating(dtype) && pt2_dtype_size_bytes(dtype) > 1,
               "\"%s\" not implemented for '%s'", unary->name,
               pt2__dtype_torch_name(dtype));
  pt2__elementwise_kernel_t kernel = {.work = UNARY_WORK};
  if (unary->function == PT2__FLOAT_FUNCTIONS ||
      !pt2__float_kernel(unary->function, dtype, &kernel)) {
    const bool wide = dtype == PT2_DTYPE_F64;
    kernel.loop = wide ? unary->wide : unary->narrow;
    kernel.input_dtype = kernel.result_dtype =
        pt2__elementwise_compute_dtype(dtype);
  }
  return pt2__elementwise_new(&kernel, tensors, 1, dtype, dtype, out_result);
}

pt2_status_t pt2__foreach_unary(const pt2__boxed_t* boxed,
                                const pt2__foreach_unary_t* unary,
                                pt2_tensor_t** results) {
  static const char* const names[] = {"self"};
  return pt2__foreach(boxed, names, 1, apply, unary, results);
}
