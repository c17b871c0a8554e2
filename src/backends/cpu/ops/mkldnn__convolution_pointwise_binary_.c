// SPDX-License-Identifier: Apache-2.0
//
// Adds a convolution to a tensor in place.
#include <string.h>

#include "backends/cpu/kernels/convolution/conv_fused.h"
#include "ops/op.h"

static pt2_status_t convolve(const pt2__conv_fused_t* call, pt2_tensor_t* other,
                             pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(other, "other");
  PT2_OP_CHECK(call->binary != NULL && strcmp(call->binary, "add") == 0,
               "only support binary op fusion with add, but got \"%s\"",
               call->binary == NULL ? "" : call->binary);
  pt2_tensor_t* sum = NULL;
  PT2_TRY(pt2__conv_fused(call, &sum));
  bool same = sum->rank == other->rank &&
              memcmp(sum->sizes, other->sizes,
                     sizeof(*sum->sizes) * (size_t)sum->rank) == 0;
  pt2_status_t status = PT2_STATUS_OK;
  if (!same) {
    char text[256];
    status = PT2_FAIL(
        PT2_STATUS_INVALID_ARGUMENT,
        "other of size %s is not of the result's size",
        pt2__sizes_format(other->rank, other->sizes, text, sizeof(text)));
  }
  pt2_tensor_t* result = NULL;
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_alias(other, &result);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(other, sum);
  }
  pt2__tensor_release(sum);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_mkldnn__convolution_pointwise_binary_(
    AtenTensorHandle other, AtenTensorHandle input, AtenTensorHandle weight,
    AtenTensorHandle* bias, const int64_t* padding, int64_t padding_count,
    const int64_t* stride, int64_t stride_count, const int64_t* dilation,
    int64_t dilation_count, int64_t groups, const char* binary_attr,
    double* alpha, const char** unary_attr, const double** unary_scalars,
    int64_t unary_scalar_count, const char** unary_algorithm,
    AtenTensorHandle* ret0) {
  const pt2__conv_fused_t call = {
      .input = input,
      .weight = weight,
      .bias = bias == NULL ? NULL : *bias,
      .args = {.stride = {stride, stride_count},
               .padding = {padding, padding_count},
               .dilation = {dilation, dilation_count},
               .groups = groups},
      .binary = binary_attr,
      .other = other,
      .alpha = alpha,
      .unary = unary_attr == NULL ? NULL : *unary_attr,
      .scalars = unary_scalars,
      .scalar_count = unary_scalar_count,
      .algorithm = unary_algorithm == NULL ? NULL : *unary_algorithm,
  };
  PT2_OP_RETURN("mkldnn::_convolution_pointwise_.binary",
                convolve(&call, other, ret0));
}
