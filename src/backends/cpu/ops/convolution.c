// SPDX-License-Identifier: Apache-2.0
//
// aten::convolution: 1-d to 3-d, transposed or not, in groups.
#include "backends/cpu/kernels/convolution/convolution.h"
#include "ops/op.h"

static pt2_status_t convolve(const pt2_tensor_t* input,
                             const pt2_tensor_t* weight,
                             const pt2_tensor_t* bias,
                             const pt2__conv_args_t* args,
                             pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(input, "input");
  pt2__conv_host_t host = pt2__conv_host(input->dtype);
  pt2__conv_t conv;
  PT2_TRY(pt2__conv_resolve(input, weight, bias, args, &host, &conv));
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(input->dtype, conv.rank, conv.out_sizes,
                            conv.out_strides, &result));
  pt2_status_t status =
      pt2__conv_forward(&conv, input, weight, bias, NULL, result);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_convolution(
    AtenTensorHandle input, AtenTensorHandle weight, AtenTensorHandle* bias,
    const int64_t* stride, int64_t stride_count, const int64_t* padding,
    int64_t padding_count, const int64_t* dilation, int64_t dilation_count,
    int32_t transposed, const int64_t* output_padding,
    int64_t output_padding_count, int64_t groups, AtenTensorHandle* ret0) {
  const pt2__conv_args_t args = {
      .stride = {stride, stride_count},
      .padding = {padding, padding_count},
      .dilation = {dilation, dilation_count},
      .output_padding = {output_padding, output_padding_count},
      .transposed = transposed != 0,
      .groups = groups,
  };
  PT2_OP_RETURN(
      "aten::convolution",
      convolve(input, weight, bias == NULL ? NULL : *bias, &args, ret0));
}

// The name of torch 2.6 and earlier; PyTorch keeps it.
AOTITorchError aoti_torch_convolution(
    AtenTensorHandle input, AtenTensorHandle weight, AtenTensorHandle bias,
    const int64_t* stride, int64_t stride_count, const int64_t* padding,
    int64_t padding_count, const int64_t* dilation, int64_t dilation_count,
    int transposed, const int64_t* output_padding, int64_t output_padding_count,
    int64_t groups, AtenTensorHandle* ret0) {
  return aoti_torch_cpu_convolution(
      input, weight, bias == NULL ? NULL : &bias, stride, stride_count, padding,
      padding_count, dilation, dilation_count, transposed, output_padding,
      output_padding_count, groups, ret0);
}
