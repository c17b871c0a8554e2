// SPDX-License-Identifier: Apache-2.0
//
// aten::_foreach_max, by name: the largest element of each tensor of a list.
#include <math.h>
#include <string.h>

#include "backends/cpu/kernels/foreach.h"

static const char* element(const pt2_tensor_t* dense, int64_t i) {
  return (const char*)dense->data +
         (size_t)i * pt2_dtype_size_bytes(dense->dtype);
}

// The place of the first NaN, or else of the largest.
static int64_t place_of_float(const pt2_tensor_t* dense) {
  int64_t place = 0;
  double most = pt2__element_get_f64(dense->dtype, dense->data);
  for (int64_t i = 0; i < dense->numel && !isnan(most); ++i) {
    double value = pt2__element_get_f64(dense->dtype, element(dense, i));
    if (isnan(value) || value > most) {
      most = value;
      place = i;
    }
  }
  return place;
}

static int64_t place_of_integer(const pt2_tensor_t* dense) {
  int64_t place = 0;
  int64_t most = pt2__element_get_i64(dense->dtype, dense->data);
  for (int64_t i = 1; i < dense->numel; ++i) {
    int64_t value = pt2__element_get_i64(dense->dtype, element(dense, i));
    if (value > most) {
      most = value;
      place = i;
    }
  }
  return place;
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
  PT2_TRY(pt2__tensor_contiguous(self, &dense));
  pt2_status_t status = pt2__tensor_empty(self->dtype, 0, NULL, NULL, &result);
  if (status == PT2_STATUS_OK) {
    int64_t place = floating ? place_of_float(dense) : place_of_integer(dense);
    memcpy(result->data, element(dense, place),
           pt2_dtype_size_bytes(self->dtype));
    *out_result = result;
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
