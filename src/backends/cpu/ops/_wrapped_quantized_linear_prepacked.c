// SPDX-License-Identifier: Apache-2.0
//
// aten::_wrapped_quantized_linear_prepacked.
#include "backends/cpu/kernels/matmul/packed_linear.h"

AOTITorchError aoti_torch_cpu__wrapped_quantized_linear_prepacked(
    AtenTensorHandle input, AtenTensorHandle input_scale,
    AtenTensorHandle input_zero_point, AtenTensorHandle weight,
    AtenTensorHandle out_scale, AtenTensorHandle out_zeropoint,
    int64_t out_channel, AtenTensorHandle* out) {
  (void)out_channel;  // the packed weight knows it
  PT2_OP_RETURN("aten::_wrapped_quantized_linear_prepacked",
                pt2__packed_linear_int8(input, input_scale, input_zero_point,
                                        weight, out_scale, out_zeropoint, out));
}
