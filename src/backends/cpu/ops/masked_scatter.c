// SPDX-License-Identifier: Apache-2.0
//
// aten::masked_scatter.
#include "backends/cpu/kernels/elementwise/mask.h"

// |result| is a row-major copy of self already.
static pt2_status_t scatter(const pt2_tensor_t* mask,
                            const pt2_tensor_t* source, pt2_tensor_t* result) {
  pt2_tensor_t *dense_mask, *dense_source;
  PT2_TRY(pt2__tensor_contiguous(mask, &dense_mask));
  pt2_status_t status = pt2__tensor_contiguous(source, &dense_source);
  if (status == PT2_STATUS_OK) {
    int64_t chosen = pt2__mask_count(dense_mask->data, dense_mask->numel);
    if (chosen > source->numel) {
      status = PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                        "masked_scatter: Number of elements of source < number "
                        "of ones in mask (%lld and %lld)",
                        (long long)source->numel, (long long)chosen);
    } else {
      pt2__mask_scatter(dense_mask->data, chosen,
                        (int64_t)pt2_dtype_size_bytes(result->dtype),
                        dense_source->data, result->data);
    }
    pt2__tensor_release(dense_source);
  }
  pt2__tensor_release(dense_mask);
  return status;
}

static bool is_supported(int32_t dtype) {
  return dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16 ||
         dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64 ||
         dtype == PT2_DTYPE_COMPLEX64 || dtype == PT2_DTYPE_COMPLEX128 ||
         (pt2__dtype_is_integral(dtype, true) && dtype != PT2_DTYPE_U16 &&
          dtype != PT2_DTYPE_U32 && dtype != PT2_DTYPE_U64);
}

static pt2_status_t masked_scatter(const pt2_tensor_t* self,
                                   const pt2_tensor_t* mask,
                                   const pt2_tensor_t* source,
                                   AtenTensorHandle* ret0) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK_TENSOR(source, "source");
  PT2_OP_CHECK(is_supported(self->dtype),
               "\"masked_scatter\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  pt2_tensor_t *wide_self, *wide_mask, *result = NULL;
  PT2_TRY(
      pt2__mask_expand("masked_scatter", self, mask, &wide_self, &wide_mask));
  pt2_status_t status;
  if (self->dtype != source->dtype) {
    status = PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                      "masked_scatter: expected self and source to have same "
                      "dtypes but got %s and %s",
                      pt2__dtype_torch_name(self->dtype),
                      pt2__dtype_torch_name(source->dtype));
  } else {
    status = pt2_tensor_clone(wide_self, &result);
  }
  if (status == PT2_STATUS_OK) {
    status = scatter(wide_mask, source, result);
  }
  if (status == PT2_STATUS_OK) {
    *ret0 = result;
  } else {
    pt2__tensor_release(result);
  }
  pt2__tensor_release(wide_mask);
  pt2__tensor_release(wide_self);
  return status;
}

AOTITorchError aoti_torch_cpu_masked_scatter(AtenTensorHandle self,
                                             AtenTensorHandle mask,
                                             AtenTensorHandle source,
                                             AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::masked_scatter",
                masked_scatter(self, mask, source, ret0));
}
