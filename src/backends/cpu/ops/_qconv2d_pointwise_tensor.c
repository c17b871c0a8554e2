// SPDX-License-Identifier: Apache-2.0
//
// onednn::qconv2d_pointwise.tensor, the older name of qconv_pointwise.tensor.
#include "ops/op.h"

AOTITorchError aoti_torch_cpu__qconv2d_pointwise_tensor(
    AtenTensorHandle X, AtenTensorHandle act_scale,
    AtenTensorHandle act_zero_point, AtenTensorHandle onednn_weight,
    AtenTensorHandle weight_scales, AtenTensorHandle weight_zero_points,
    AtenTensorHandle* B, const int64_t* stride, int64_t stride_len_,
    const int64_t* padding, int64_t padding_len_, const int64_t* dilation,
    int64_t dilation_len_, int64_t groups, double output_scale,
    int64_t output_zero_point, const int32_t* output_dtype, const char* attr,
    const double** post_op_args, int64_t post_op_args_len_,
    const char** algorithm, AtenTensorHandle* ret0) {
  return aoti_torch_cpu__qconv_pointwise_tensor(
      X, act_scale, act_zero_point, onednn_weight, weight_scales,
      weight_zero_points, B, stride, stride_len_, padding, padding_len_,
      dilation, dilation_len_, groups, output_scale, output_zero_point,
      output_dtype, attr, post_op_args, post_op_args_len_, algorithm, ret0);
}
