// SPDX-License-Identifier: Apache-2.0
//
// _quantized::wrapped_fbgemm_linear_fp16_weight.
#include "backends/cpu/kernels/matmul/packed_linear.h"

AOTITorchError aoti_torch_cpu_wrapped_fbgemm_linear_fp16_weight(
    AtenTensorHandle input, AtenTensorHandle weight, AtenTensorHandle bias,
    int64_t out_channel, AtenTensorHandle* out) {
  (void)out_channel;  // the packed weight knows it
  PT2_OP_RETURN("_quantized::wrapped_fbgemm_linear_fp16_weight",
                pt2__packed_linear_f16(input, weight, bias, out));
}
