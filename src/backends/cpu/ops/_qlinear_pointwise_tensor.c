// SPDX-License-Identifier: Apache-2.0
//
// onednn::qlinear_pointwise.tensor.
#include "backends/cpu/kernels/quantized/qlinear.h"

AOTITorchError aoti_torch_cpu__qlinear_pointwise_tensor(
    AtenTensorHandle X, AtenTensorHandle act_scale,
    AtenTensorHandle act_zero_point, AtenTensorHandle onednn_weight,
    AtenTensorHandle weight_scales, AtenTensorHandle weight_zero_points,
    AtenTensorHandle* B, double output_scale, int64_t output_zero_point,
    const int32_t* output_dtype, const char* post_op_name,
    const double** post_op_args, int64_t post_op_args_len_,
    const char* post_op_algorithm, AtenTensorHandle* ret0) {
  (void)weight_zero_points;  // zeros
  const pt2__quantized_args_t args = {.input = X,
                                      .input_scale = act_scale,
                                      .input_zero_point = act_zero_point,
                                      .weight = onednn_weight,
                                      .weight_scales = weight_scales,
                                      .bias = B == NULL ? NULL : *B,
                                      .output_scale = output_scale,
                                      .output_zero_point = output_zero_point,
                                      .output_dtype = output_dtype,
                                      .unary = post_op_name,
                                      .scalars = post_op_args,
                                      .scalar_count = post_op_args_len_,
                                      .algorithm = post_op_algorithm};
  PT2_OP_RETURN("onednn::qlinear_pointwise.tensor", pt2__qlinear(&args, ret0));
}
