// SPDX-License-Identifier: Apache-2.0
//
// onednn::qconv_pointwise.tensor.
#include "backends/cpu/kernels/quantized/qconv.h"

AOTITorchError aoti_torch_cpu__qconv_pointwise_tensor(
    AtenTensorHandle X, AtenTensorHandle act_scale,
    AtenTensorHandle act_zero_point, AtenTensorHandle onednn_weight,
    AtenTensorHandle weight_scales, AtenTensorHandle weight_zero_points,
    AtenTensorHandle* B, const int64_t* stride, int64_t stride_len_,
    const int64_t* padding, int64_t padding_len_, const int64_t* dilation,
    int64_t dilation_len_, int64_t groups, double output_scale,
    int64_t output_zero_point, const int32_t* output_dtype, const char* attr,
    const double** post_op_args, int64_t post_op_args_len_,
    const char** algorithm, AtenTensorHandle* ret0) {
  (void)weight_zero_points;  // zeros
  const pt2__quantized_args_t args = {
      .input = X,
      .input_scale = act_scale,
      .input_zero_point = act_zero_point,
      .weight = onednn_weight,
      .weight_scales = weight_scales,
      .bias = B == NULL ? NULL : *B,
      .output_scale = output_scale,
      .output_zero_point = output_zero_point,
      .output_dtype = output_dtype,
      .unary = attr,
      .scalars = post_op_args,
      .scalar_count = post_op_args_len_,
      .algorithm = algorithm == NULL ? NULL : *algorithm};
  const pt2__conv_args_t geometry = {.stride = {stride, stride_len_},
                                     .padding = {padding, padding_len_},
                                     .dilation = {dilation, dilation_len_},
                                     .groups = groups};
  PT2_OP_RETURN("onednn::qconv_pointwise.tensor",
                pt2__qconv(&args, &geometry, ret0));
}
