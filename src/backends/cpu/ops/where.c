// SPDX-License-Identifier: Apache-2.0
//
// aten::where.self of complex tensors. PyTorch compiles it for real ones:
// models call it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

#define LOOP(name, type)                                             \
  static void name(const void* context, char* const* data,           \
                   const int64_t* strides, int64_t count) {          \
    (void)context;                                                   \
    for (int64_t i = 0; i < count; ++i) {                            \
      const type _Complex* condition =                               \
          (const void*)(data[1] + i * strides[1]);                   \
      int chosen = *(const type*)condition != 0 ? 2 : 3;             \
      *(type _Complex*)(void*)(data[0] + i * strides[0]) =           \
          *(const type _Complex*)(const void*)(data[chosen] +        \
                                               i * strides[chosen]); \
    }                                                                \
  }
LOOP(narrow, float)
LOOP(wide, double)

// (Tensor condition, Tensor self, Tensor other)
static pt2_status_t where(const pt2__boxed_t* boxed,
                          pt2_tensor_t** out_result) {
  pt2_tensor_t *condition, *self, *other;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "condition", &condition));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 2, "other", &other));
  PT2_OP_CHECK(condition->dtype == PT2_DTYPE_BOOL,
               "where expected condition to be a boolean tensor, but got a "
               "tensor with dtype %s",
               pt2__dtype_torch_name(condition->dtype));
  const pt2_tensor_t* const values[] = {self, other};
  int32_t dtype;
  PT2_TRY(pt2__elementwise_promote(values, 2, &dtype));
  PT2_TRY(pt2__complex_check(dtype, true));
  const int32_t computed = pt2__elementwise_compute_dtype(dtype);
  const pt2__elementwise_kernel_t kernel = {
      .loop = dtype == PT2_DTYPE_COMPLEX128 ? wide : narrow,
      .input_dtype = computed,
      .result_dtype = computed,
      .work = 3,
  };
  const pt2_tensor_t* const inputs[] = {condition, self, other};
  return pt2__elementwise_new(&kernel, inputs, 3, dtype, dtype, out_result);
}

PT2_BOXED_OVERLOAD(where_self, "aten::where.self", 1, where)
