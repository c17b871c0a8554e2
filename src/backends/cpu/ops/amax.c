// SPDX-License-Identifier: Apache-2.0
//
// aten::amax.
#include <math.h>

#include "backends/cpu/kernels/elementwise/fill_number.h"
#include "backends/cpu/kernels/reduce/maximum.h"

// What is to be reduced, and the result.
typedef struct {
  bool reduced[PT2__MAX_RANK];
  int64_t rank;
  int64_t sizes[PT2__MAX_RANK];
  int64_t strides[PT2__MAX_RANK];  // of the result in self's dimensions
} reduction_t;

static pt2_status_t take_dims(const pt2_tensor_t* self, const int64_t* dims,
                              int64_t count, reduction_t* reduction) {
  PT2_OP_CHECK(count >= 0 && (count == 0 || dims != NULL),
               "dim is a list of %lld", (long long)count);
  for (int i = 0; i < self->rank; ++i) {
    reduction->reduced[i] = count == 0;
  }
  bool seen = false;  // the only dimension that a 0-d tensor has
  for (int64_t i = 0; i < count; ++i) {
    int64_t dim;
    PT2_TRY(pt2__op_wrap_dim(dims[i], self->rank, &dim));
    bool* again = self->rank == 0 ? &seen : &reduction->reduced[dim];
    PT2_OP_CHECK(!*again, "dim %lld appears multiple times in the list of dims",
                 (long long)dim);
    *again = true;
  }
  PT2_OP_CHECK(self->numel > 0 || count > 0,
               "amax(): Expected reduction dim to be specified for "
               "input.numel() == 0. Specify the reduction dim with the 'dim' "
               "argument.");
  for (int i = 0; i < self->rank; ++i) {
    PT2_OP_CHECK(!reduction->reduced[i] || self->sizes[i] > 0,
                 "amax(): Expected reduction dim %d to have non-zero size.", i);
  }
  return PT2_STATUS_OK;
}

static void set_sizes(const pt2_tensor_t* self, bool keepdim,
                      reduction_t* reduction) {
  reduction->rank = 0;
  for (int i = 0; i < self->rank; ++i) {
    if (!reduction->reduced[i]) {
      reduction->sizes[reduction->rank++] = self->sizes[i];
    } else if (keepdim) {
      reduction->sizes[reduction->rank++] = 1;
    }
  }
  int64_t next = 1;
  for (int i = self->rank - 1; i >= 0; --i) {
    reduction->strides[i] = next;
    next *= reduction->reduced[i] || self->sizes[i] < 1 ? 1 : self->sizes[i];
  }
}

static double least(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_BOOL:
    case PT2_DTYPE_U8:
      return 0;
    case PT2_DTYPE_I8:
      return INT8_MIN;
    case PT2_DTYPE_I16:
      return INT16_MIN;
    case PT2_DTYPE_I32:
      return INT32_MIN;
    case PT2_DTYPE_I64:
      return -0x1p63;
    default:
      return -INFINITY;
  }
}

// |self| is of a dtype that pt2__maximum knows.
static pt2_status_t reduce(const pt2_tensor_t* self,
                           const reduction_t* reduction,
                           pt2_tensor_t** out_result) {
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(self->dtype, reduction->rank, reduction->sizes,
                            NULL, &result));
  pt2_status_t status = pt2__fill_number(result, least(self->dtype));
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  if (self->numel > 0) {
    pt2__maximum(self, reduction->reduced, reduction->strides, result);
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

// f16 and bf16, by way of f32.
static pt2_status_t reduce_converted(const pt2_tensor_t* self,
                                     const reduction_t* reduction,
                                     pt2_tensor_t** out_result) {
  pt2_tensor_t* wide = NULL;
  pt2_tensor_t* wide_result = NULL;
  PT2_TRY(pt2__tensor_to_contiguous(self, PT2_DTYPE_F32, &wide));
  pt2_status_t status = reduce(wide, reduction, &wide_result);
  pt2__tensor_release(wide);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_to_contiguous(wide_result, self->dtype, out_result);
  }
  pt2__tensor_release(wide_result);
  return status;
}

static pt2_status_t amax(const pt2_tensor_t* self, const int64_t* dims,
                         int64_t count, bool keepdim,
                         pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(self, "self");
  int32_t dtype = self->dtype;
  bool narrow = dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16;
  bool known = narrow || dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64 ||
               (pt2__dtype_is_integral(dtype, true) && dtype != PT2_DTYPE_U16 &&
                dtype != PT2_DTYPE_U32 && dtype != PT2_DTYPE_U64);
  reduction_t reduction;
  PT2_TRY(take_dims(self, dims, count, &reduction));
  PT2_OP_CHECK(known, "\"max_values_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(dtype));
  set_sizes(self, keepdim, &reduction);
  return narrow ? reduce_converted(self, &reduction, out_result)
                : reduce(self, &reduction, out_result);
}

AOTITorchError aoti_torch_aten_amax(AtenTensorHandle self, const int64_t* dim,
                                    int64_t dim_count, int32_t keepdim,
                                    AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::amax", amax(self, dim, dim_count, keepdim != 0, ret0));
}
