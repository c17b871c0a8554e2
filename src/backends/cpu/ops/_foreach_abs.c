// SPDX-License-Identifier: Apache-2.0
//
// aten::_foreach_abs and aten::_foreach_neg, by name: models call them for
// lists with complex tensors.
#include "backends/cpu/kernels/elementwise/arithmetic.h"
#include "backends/cpu/kernels/elementwise/foreach.h"

static pt2_status_t absolute(const void* context,
                             const pt2_tensor_t* const* tensors,
                             pt2_tensor_t** out_result) {
  (void)context;
  return pt2__arithmetic_absolute(tensors[0], out_result);
}

// (Tensor[] self) -> Tensor[]
static pt2_status_t foreach_abs(const pt2__boxed_t* boxed,
                                pt2_tensor_t** results) {
  static const char* const names[] = {"self"};
  return pt2__foreach(boxed, names, 1, absolute, NULL, results);
}

PT2_BOXED_OP(_foreach_abs, PT2__BOXED_LIST, foreach_abs)

// ---- Negatives --------------------------------------------------------------

PT2_COMPLEX_LOOPS_OF(neg);

// Those of signed integers are those of unsigned ones, which wrap around.
PT2_FOREACH_LOOP(neg_f32, float, -x)
PT2_FOREACH_LOOP(neg_f64, double, -x)
PT2_FOREACH_LOOP(neg_i64, uint64_t, 0 - x)

static pt2_status_t negative(const void* context,
                             const pt2_tensor_t* const* tensors,
                             pt2_tensor_t** out_result) {
  (void)context;
  const int32_t dtype = tensors[0]->dtype;
  PT2_OP_CHECK(dtype != PT2_DTYPE_BOOL,
               "Negation, the `-` operator, on a bool tensor is not supported");
  const bool is_complex = pt2__dtype_is_complex(dtype);
  const pt2__complex_loops_t* loops = pt2__complex_loops_of_neg();
  const int32_t computed = is_complex ? pt2__elementwise_compute_dtype(dtype)
                                      : pt2__foreach_real_dtype(dtype);
  PT2_OP_CHECK(computed != PT2_DTYPE_UNDEFINED,
               "\"neg_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(dtype));
  const pt2__elementwise_kernel_t kernel = {
      .loop = computed == PT2_DTYPE_I64          ? neg_i64
              : computed == PT2_DTYPE_F64        ? neg_f64
              : computed == PT2_DTYPE_COMPLEX64  ? loops->narrow
              : computed == PT2_DTYPE_COMPLEX128 ? loops->wide
                                                 : neg_f32,
      .input_dtype = computed,
      .result_dtype = computed,
      .work = is_complex ? loops->work : 1,
  };
  return pt2__elementwise_new(&kernel, tensors, 1, dtype, dtype, out_result);
}

// (Tensor[] self) -> Tensor[]
static pt2_status_t foreach_neg(const pt2__boxed_t* boxed,
                                pt2_tensor_t** results) {
  static const char* const names[] = {"self"};
  return pt2__foreach(boxed, names, 1, negative, NULL, results);
}

PT2_BOXED_OP(_foreach_neg, PT2__BOXED_LIST, foreach_neg)
