// SPDX-License-Identifier: Apache-2.0
//
// onednn::qconv2d_pointwise.binary_tensor.
#include "backends/cpu/kernels/quantized/qconv.h"

static pt2_status_t convolve(const pt2__quantized_args_t* args,
                             const pt2__conv_args_t* geometry,
                             pt2_tensor_t** out_result) {
  PT2_OP_CHECK(args->binary != NULL, "binary_attr is NULL");
  return pt2__qconv(args, geometry, out_result);
}

AOTITorchError aoti_torch_cpu__qconv2d_pointwise_binary_tensor(
    AtenTensorHandle X, AtenTensorHandle act_scale,
    AtenTensorHandle act_zero_point, AtenTensorHandle onednn_weight,
    AtenTensorHandle weight_scales, AtenTensorHandle weight_zero_points,
    AtenTensorHandle accum, AtenTensorHandle* B, const int64_t* stride_args,
    int64_t stride_len_, const int64_t* padding_args, int64_t padding_len_,
    const int64_t* dilation_args, int64_t dilation_len_, int64_t groups,
    double output_scale, int64_t output_zero_point, const int32_t* output_dtype,
    double accum_scale, int64_t accum_zero_point, const char* binary_attr,
    double* alpha, const char** unary_attr, const double** unary_scalars,
    int64_t unary_scalars_len_, const char** unary_algorithm,
    AtenTensorHandle* ret0) {
  (void)weight_zero_points;  // zeros
  (void)alpha;               // PyTorch ignores it
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
      .other = accum,
      .other_scale = accum_scale,
      .other_zero_point = accum_zero_point,
      .binary = binary_attr,
      .unary = unary_attr == NULL ? NULL : *unary_attr,
      .scalars = unary_scalars,
      .scalar_count = unary_scalars_len_,
      .algorithm = unary_algorithm == NULL ? NULL : *unary_algorithm};
  const pt2__conv_args_t geometry = {.stride = {stride_args, stride_len_},
                                     .padding = {padding_args, padding_len_},
                                     .dilation = {dilation_args, dilation_len_},
                                     .groups = groups};
  PT2_OP_RETURN("onednn::qconv2d_pointwise.binary_tensor",
                convolve(&args, &geometry, ret0));
}
