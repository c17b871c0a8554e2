// SPDX-License-Identifier: Apache-2.0
//
// onednn::qlinear_pointwise.binary_tensor.
#include "backends/cpu/kernels/quantized/qlinear.h"

static pt2_status_t layer(const pt2__quantized_args_t* args, double alpha,
                          pt2_tensor_t** out_result) {
  PT2_OP_CHECK(alpha == 1,
               "alpha != 1 for binary post op is not yet supported, but it is "
               "%g",
               alpha);
  return pt2__qlinear(args, out_result);
}

AOTITorchError aoti_torch_cpu__qlinear_pointwise_binary_tensor(
    AtenTensorHandle X, AtenTensorHandle act_scale,
    AtenTensorHandle act_zero_point, AtenTensorHandle onednn_weight,
    AtenTensorHandle weight_scales, AtenTensorHandle weight_zero_points,
    AtenTensorHandle* other, AtenTensorHandle* B, double output_scale,
    int64_t output_zero_point, const int32_t* output_dtype, double other_scale,
    int64_t other_zero_point, const char* binary_post_op, double binary_alpha,
    const char* unary_post_op, const double** unary_post_op_args,
    int64_t unary_post_op_args_len_, const char* unary_post_op_algorithm,
    AtenTensorHandle* ret0) {
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
                                      .other = other == NULL ? NULL : *other,
                                      .other_scale = other_scale,
                                      .other_zero_point = other_zero_point,
                                      .binary = binary_post_op,
                                      .unary = unary_post_op,
                                      .scalars = unary_post_op_args,
                                      .scalar_count = unary_post_op_args_len_,
                                      .algorithm = unary_post_op_algorithm};
  PT2_OP_RETURN("onednn::qlinear_pointwise.binary_tensor",
                layer(&args, binary_alpha, ret0));
}
