// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/convolution/conv_fused.h"
#include "ops/op.h"

static pt2_status_t convolve(const pt2__conv_fused_t* call,
                             pt2_tensor_t** out_result) {
  PT2_OP_CHECK(call->binary != NULL, "no binary operation is given");
  return pt2__conv_fused(call, out_result);
}

AOTITorchError aoti_torch_cpu_mkldnn__convolution_pointwise_binary(
    AtenTensorHandle input, AtenTensorHandle other, AtenTensorHandle weight,
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
  PT2_OP_RETURN("mkldnn::_convolution_pointwise.binary", convolve(&call, ret0));
}
