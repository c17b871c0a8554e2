// SPDX-License-Identifier: Apache-2.0
//
// aten::grid_sampler_2d_backward.
#include "backends/cpu/kernels/image/grid_sampler.h"
#include "ops/op.h"

AOTITorchError aoti_torch_cpu_grid_sampler_2d_backward(
    AtenTensorHandle grad_output, AtenTensorHandle input, AtenTensorHandle grid,
    int64_t interpolation_mode, int64_t padding_mode, int32_t align_corners,
    const int32_t* output_mask, int64_t output_mask_count,
    AtenTensorHandle* ret0, AtenTensorHandle* ret1) {
  const pt2__grid_backward_args_t args = {
      .spatial = 2,
      .mode = interpolation_mode,
      .padding = padding_mode,
      .align_corners = align_corners != 0,
      .output_mask = output_mask,
      .mask_count = output_mask_count,
      .name = "grid_sampler_2d_backward_cpu_kernel_impl"};
  PT2_OP_RETURN(
      "aten::grid_sampler_2d_backward",
      pt2__grid_sample_backward(grad_output, input, grid, &args, ret0, ret1));
}
