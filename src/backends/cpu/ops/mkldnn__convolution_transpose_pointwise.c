// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/convolution/conv_fused.h"
#include "ops/op.h"

AOTITorchError aoti_torch_cpu_mkldnn__convolution_transpose_pointwise(
    AtenTensorHandle input, AtenTensorHandle weight, AtenTensorHandle* bias,
    const int64_t* padding, int64_t padding_count,
    const int64_t* output_padding, int64_t output_padding_count,
    const int64_t* stride, int64_t stride_count, const int64_t* dilation,
    int64_t dilation_count, int64_t groups, const char* attr,
    const double** scalars, int64_t scalar_count, const char** algorithm,
    AtenTensorHandle* ret0) {
  const pt2__conv_fused_t call = {
      .input = input,
      .weight = weight,
      .bias = bias == NULL ? NULL : *bias,
      .args = {.stride = {stride, stride_count},
               .padding = {padding, padding_count},
               .dilation = {dilation, dilation_count},
               .output_padding = {output_padding, output_padding_count},
               .transposed = true,
               .groups = groups},
      .unary = attr,
      .scalars = scalars,
      .scalar_count = scalar_count,
      .algorithm = algorithm == NULL ? NULL : *algorithm,
  };
  PT2_OP_RETURN("mkldnn::_convolution_transpose_pointwise",
                pt2__conv_fused(&call, ret0));
}
