// SPDX-License-Identifier: Apache-2.0
#include "ops/layer_norm.h"

#include <string.h>

static bool has_sizes(const pt2_tensor_t* tensor, const int64_t* sizes,
                      int64_t count) {
  return tensor->rank == count &&
         memcmp(tensor->sizes, sizes, sizeof(*sizes) * (size_t)count) == 0;
}

static pt2_status_t check_parameter(const pt2_tensor_t* parameter,
                                    const char* name, const int64_t* shape,
                                    int64_t count) {
  if (parameter == NULL) {
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK_TENSOR(parameter, name);
  char got[256], wanted[256];
  PT2_OP_CHECK(
      has_sizes(parameter, shape, count),
      "Expected %s to be of same shape as normalized_shape, but got "
      "%s of shape %s and normalized_shape = %s",
      name, name,
      pt2__sizes_format(parameter->rank, parameter->sizes, got, sizeof(got)),
      pt2__sizes_format(count, shape, wanted, sizeof(wanted)));
  return PT2_STATUS_OK;
}

static pt2_status_t check_shape(const pt2_tensor_t* input, const int64_t* shape,
                                int64_t count) {
  PT2_OP_CHECK(count > 0,
               "Expected normalized_shape to be at least 1-dimensional, i.e., "
               "containing at least one element, but got normalized_shape = "
               "[]");
  bool ends_so = input->rank >= count &&
                 memcmp(input->sizes + (input->rank - count), shape,
                        sizeof(*shape) * (size_t)count) == 0;
  char got[256], wanted[256];
  PT2_OP_CHECK(
      ends_so,
      "Given normalized_shape=%s, expected input with a shape that ends so, "
      "but got input of size%s",
      pt2__sizes_format(count < 16 ? count : 16, shape, wanted, sizeof(wanted)),
      pt2__sizes_format(input->rank, input->sizes, got, sizeof(got)));
  return PT2_STATUS_OK;
}

// All of one dtype, or 16 bits with parameters of 32.
static pt2_status_t check_dtypes(const pt2_tensor_t* input,
                                 const pt2_tensor_t* weight,
                                 const pt2_tensor_t* bias, int32_t* out_dtype) {
  int32_t dtype = input->dtype;
  bool low = dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16;
  if (!low && dtype != PT2_DTYPE_F32 && dtype != PT2_DTYPE_F64) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "\"LayerNormKernelImpl\" not implemented for '%s'",
                    pt2__dtype_torch_name(dtype));
  }
  bool mixed = (weight != NULL && weight->dtype != dtype) ||
               (bias != NULL && bias->dtype != dtype);
  int32_t wanted = mixed && low ? PT2_DTYPE_F32 : dtype;
  const pt2_tensor_t* parameters[2] = {weight, bias};
  for (int i = 0; i < 2; ++i) {
    PT2_OP_CHECK(parameters[i] == NULL || parameters[i]->dtype == wanted,
                 "mixed dtype: expected %s to have scalar type %s, got %s",
                 i == 0 ? "weight" : "bias", pt2__dtype_torch_name(wanted),
                 pt2__dtype_torch_name(parameters[i]->dtype));
  }
  *out_dtype = wanted;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__layer_norm_resolve(const pt2_tensor_t* input,
                                     const int64_t* shape, int64_t shape_count,
                                     const pt2_tensor_t* weight,
                                     const pt2_tensor_t* bias,
                                     pt2__layer_norm_t* out_norm) {
  PT2_OP_CHECK_TENSOR(input, "input");
  PT2_TRY(check_shape(input, shape, shape_count));
  PT2_TRY(check_parameter(weight, "weight", shape, shape_count));
  PT2_TRY(check_parameter(bias, "bias", shape, shape_count));
  pt2__layer_norm_t norm = {.rows = 1, .columns = 1};
  PT2_TRY(check_dtypes(input, weight, bias, &norm.statistics_dtype));
  int64_t outer = input->rank - shape_count;
  for (int64_t d = 0; d < input->rank; ++d) {
    *(d < outer ? &norm.rows : &norm.columns) *= input->sizes[d];
    norm.statistics_sizes[d] = d < outer ? input->sizes[d] : 1;
  }
  *out_norm = norm;
  return PT2_STATUS_OK;
}
