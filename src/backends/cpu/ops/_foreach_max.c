// SPDX-License-Identifier: Apache-2.0
//
// aten::_foreach_max, by name: the largest element of each tensor of a list.
#include <string.h>

#include "backends/cpu/kernels/elementwise/foreach.h"
#include "backends/cpu/kernels/reduce/maximum.h"

// |dense| is of a dtype of pt2__maximum, |result| of no dimensions.
static void largest(const pt2_tensor_t* dense, pt2_tensor_t* result) {
  bool reduced[PT2__MAX_RANK];
  const int64_t strides[PT2__MAX_RANK] = {0};
  for (int32_t d = 0; d < dense->rank; ++d) {
    reduced[d] = true;
  }
  memcpy(result->data, dense->data, pt2_dtype_size_bytes(dense->dtype));
  pt2__maximum(dense, reduced, strides, result);
}

static pt2_status_t max(const void* context, const pt2_tensor_t* const* tensors,
                        pt2_tensor_t** out_result) {
  (void)context;
  const pt2_tensor_t* self = tensors[0];
  pt2_tensor_t *dense, *result;
  bool floating = pt2__dtype_is_floating(self->dtype) &&
                  pt2_dtype_size_bytes(self->dtype) > 1;
  bool integral = pt2__dtype_is_integral(self->dtype, true) &&
                  self->dtype != PT2_DTYPE_U16 &&
                  self->dtype != PT2_DTYPE_U32 && self->dtype != PT2_DTYPE_U64;
  PT2_OP_CHECK(floating || integral, "\"max_all\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  PT2_OP_CHECK(self->numel > 0,
               "max(): Expected reduction dim to be specified for "
               "input.numel() == 0. Specify the reduction dim with the 'dim' "
               "argument.");
  bool low = floating && pt2_dtype_size_bytes(self->dtype) == 2;
  int32_t dtype = low ? PT2_DTYPE_F32 : self->dtype;
  PT2_TRY(pt2__tensor_to_contiguous(self, dtype, &dense));
  pt2_status_t status = pt2__tensor_empty(dtype, 0, NULL, NULL, &result);
  if (status == PT2_STATUS_OK) {
    largest(dense, result);
    status = pt2__tensor_to_contiguous(result, self->dtype, out_result);
    pt2__tensor_release(result);
  }
  pt2__tensor_release(dense);
  return status;
}

// (Tensor[] self) -> Tensor[]
static pt2_status_t foreach_max(const pt2__boxed_t* boxed,
                                pt2_tensor_t** results) {
  static const char* const names[] = {"self"};
  return pt2__foreach(boxed, names, 1, max, NULL, results);
}

PT2_BOXED_OP(_foreach_max, PT2__BOXED_LIST, foreach_max)
