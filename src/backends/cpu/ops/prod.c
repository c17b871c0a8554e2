// SPDX-License-Identifier: Apache-2.0
//
// aten::prod and aten::prod.dim_int of complex tensors. PyTorch compiles it for
// real ones: models call it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

static pt2_status_t prod_all(const pt2__boxed_t* boxed,
                             pt2_tensor_t** out_result) {
  return pt2__complex_reduce_all(boxed, PT2__COMPLEX_PROD, out_result);
}

PT2_BOXED_OP(prod, 1, prod_all)

// (Tensor self, int dim, bool keepdim, *, ScalarType? dtype)
static pt2_status_t prod_along(const pt2__boxed_t* boxed,
                               pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  int64_t dim;
  bool keep = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_int(boxed, 1, "dim", &dim));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "keepdim", &keep));
  int64_t dtype = self->dtype;
  PT2_TRY(pt2__boxed_enum(boxed, 3, "dtype", PT2_VALUE_DTYPE, &dtype, NULL));
  return pt2__complex_reduce(self, &dim, 1, keep, PT2__COMPLEX_PROD,
                             (int32_t)dtype, out_result);
}

PT2_BOXED_OVERLOAD(prod_dim, "aten::prod.dim_int", 1, prod_along)
