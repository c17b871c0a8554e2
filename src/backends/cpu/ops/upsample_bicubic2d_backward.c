// SPDX-License-Identifier: Apache-2.0
//
// aten::upsample_bicubic2d_backward.
#include "backends/cpu/kernels/image/upsample_backward.h"
#include "ops/op.h"

AOTITorchError aoti_torch_cpu_upsample_bicubic2d_backward(
    AtenTensorHandle grad_output, const int64_t* output_size,
    int64_t output_size_count, const int64_t* input_size,
    int64_t input_size_count, int32_t align_corners, double* scales_h,
    double* scales_w, AtenTensorHandle* ret0) {
  const pt2__upsample_backward_args_t args = {
      .output_size = {output_size, output_size_count},
      .input_size = {input_size, input_size_count},
      .spatial = 2,
      .filter = PT2__UPSAMPLE_CUBIC,
      .align_corners = align_corners != 0,
      .scales = {scales_h, scales_w},
  };
  PT2_OP_RETURN("aten::upsample_bicubic2d_backward",
                pt2__upsample_backward(grad_output, &args, ret0));
}
