// SPDX-License-Identifier: Apache-2.0
//
// aten::any of complex tensors. PyTorch compiles it for real ones: models call
// it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

// (Tensor self)
static pt2_status_t any_at_all(const pt2__boxed_t* boxed,
                               pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  return pt2__complex_any(self, NULL, 0, true, false, out_result);
}

PT2_BOXED_OP(any, 1, any_at_all)

// (Tensor self, int dim, bool keepdim)
static pt2_status_t any_along(const pt2__boxed_t* boxed,
                              pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  int64_t dim;
  bool keep = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_int(boxed, 1, "dim", &dim));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "keepdim", &keep));
  return pt2__complex_any(self, &dim, 1, true, keep, out_result);
}

PT2_BOXED_OVERLOAD(any_dim, "aten::any.dim", 1, any_along)

// (Tensor self, int[]? dim, bool keepdim): None is all dimensions, [] is none.
static pt2_status_t any_over(const pt2__boxed_t* boxed,
                             pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  const int64_t* dims;
  int64_t count;
  bool keep = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_optional_ints(boxed, 1, "dim", &dims, &count));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "keepdim", &keep));
  bool all = pt2__boxed_kind(boxed, 1, "dim") == PT2_VALUE_NONE;
  return pt2__complex_any(self, dims, count, all, keep, out_result);
}

PT2_BOXED_OVERLOAD(any_dims, "aten::any.dims", 1, any_over)
