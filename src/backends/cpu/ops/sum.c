// SPDX-License-Identifier: Apache-2.0
//
// aten::sum and aten::sum.dim_IntList of complex tensors. PyTorch compiles it
// for real ones: models call it by name.
#include "backends/cpu/kernels/complex_numbers.h"

// (Tensor self, *, ScalarType? dtype)
static pt2_status_t sum_all(const pt2__boxed_t* boxed,
                            pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  int64_t dtype = self->dtype;
  PT2_TRY(pt2__boxed_enum(boxed, 1, "dtype", PT2_VALUE_DTYPE, &dtype, NULL));
  return pt2__complex_reduce(self, NULL, 0, false, PT2__COMPLEX_SUM,
                             (int32_t)dtype, out_result);
}

PT2_BOXED_OP(sum, 1, sum_all)

// (Tensor self, int[1]? dim, bool keepdim, *, ScalarType? dtype)
static pt2_status_t sum_along(const pt2__boxed_t* boxed,
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
  return pt2__complex_reduce(self, dims, count, keep, PT2__COMPLEX_SUM,
                             (int32_t)dtype, out_result);
}

PT2_BOXED_OVERLOAD(sum_dims, "aten::sum.dim_IntList", 1, sum_along)
