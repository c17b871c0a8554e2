// SPDX-License-Identifier: Apache-2.0
//
// aten::_wrapped_linear_prepack.
#include "backends/cpu/kernels/matmul/packed_linear.h"

AOTITorchError aoti_torch_cpu__wrapped_linear_prepack(
    AtenTensorHandle weight, AtenTensorHandle weight_scale,
    AtenTensorHandle weight_zero_point, AtenTensorHandle bias,
    AtenTensorHandle* out) {
  PT2_OP_RETURN("aten::_wrapped_linear_prepack",
                pt2__packed_linear_pack_int8(weight, weight_scale,
                                             weight_zero_point, bias, out));
}
