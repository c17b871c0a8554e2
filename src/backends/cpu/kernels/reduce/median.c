// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/reduce/median.h"

#include <math.h>

#include "backends/cpu/kernels/index/pick.h"

static bool is_supported(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_U8:
    case PT2_DTYPE_I8:
    case PT2_DTYPE_I16:
    case PT2_DTYPE_I32:
    case PT2_DTYPE_I64:
    case PT2_DTYPE_F16:
    case PT2_DTYPE_BF16:
    case PT2_DTYPE_F32:
    case PT2_DTYPE_F64:
      return true;
    default:
      return false;
  }
}

static pt2_status_t of_nothing(int32_t dtype, AtenTensorHandle* out_median) {
  pt2_tensor_t* result;
  PT2_TRY(pt2__tensor_empty(dtype, 0, NULL, NULL, &result));
  if (pt2__dtype_is_floating(dtype)) {
    pt2__element_set_f64(dtype, result->data, NAN);
  } else {
    int64_t least = dtype == PT2_DTYPE_I64   ? INT64_MIN
                    : dtype == PT2_DTYPE_I32 ? INT32_MIN
                                             : 0;
    pt2__element_set_i64(dtype, result->data, least);
  }
  *out_median = result;
  return PT2_STATUS_OK;
}

static pt2_status_t median_of_row(const pt2_tensor_t* row, bool skip_nan,
                                  AtenTensorHandle* out_median) {
  pt2_tensor_t *value, *place;
  PT2_TRY(pt2__reduce_dim_results(row, 0, false, &value, &place));
  pt2_status_t status =
      pt2__pick(skip_nan ? PT2__PICK_NAN_MEDIAN : PT2__PICK_MEDIAN, row, 0, 0,
                value, place);
  pt2__tensor_release(place);
  if (status == PT2_STATUS_OK) {
    *out_median = value;
  } else {
    pt2__tensor_release(value);
  }
  return status;
}

pt2_status_t pt2__median(const pt2_tensor_t* self, bool skip_nan,
                         AtenTensorHandle* out_median) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(is_supported(self->dtype),
               "\"median_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  if (self->numel == 0) {
    return of_nothing(self->dtype, out_median);
  }
  pt2_tensor_t *dense, *row;
  PT2_TRY(pt2__tensor_contiguous(self, &dense));
  const int64_t stride = 1;
  pt2_status_t status = pt2__tensor_view(dense, 1, &self->numel, &stride,
                                         dense->storage_offset, &row);
  if (status == PT2_STATUS_OK) {
    status = median_of_row(row, skip_nan, out_median);
    pt2__tensor_release(row);
  }
  pt2__tensor_release(dense);
  return status;
}

pt2_status_t pt2__median_dim(const pt2_tensor_t* self, int64_t dim, bool keep,
                             bool skip_nan, pt2_tensor_t** out_values,
                             pt2_tensor_t** out_places) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  PT2_OP_CHECK(is_supported(self->dtype),
               "\"median_out\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  PT2_OP_CHECK(self->rank == 0 || self->sizes[dim] > 0,
               "median(): Expected reduction dim %lld to have non-zero size",
               (long long)dim);
  pt2_tensor_t *values, *places;
  PT2_TRY(pt2__reduce_dim_results(self, dim, keep, &values, &places));
  pt2_status_t status =
      pt2__pick(skip_nan ? PT2__PICK_NAN_MEDIAN : PT2__PICK_MEDIAN, self, dim,
                0, values, places);
  if (status == PT2_STATUS_OK) {
    *out_values = values;
    *out_places = places;
  } else {
    pt2__tensor_release(places);
    pt2__tensor_release(values);
  }
  return status;
}
