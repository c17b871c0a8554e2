// SPDX-License-Identifier: Apache-2.0
//
// aten::grid_sampler_3d.
#include "backends/cpu/kernels/image/grid_sampler.h"
#include "ops/op.h"

AOTITorchError aoti_torch_cpu_grid_sampler_3d(
    AtenTensorHandle input, AtenTensorHandle grid, int64_t interpolation_mode,
    int64_t padding_mode, int32_t align_corners, AtenTensorHandle* ret0) {
  PT2_OP_RETURN(
      "aten::grid_sampler_3d",
      pt2__grid_sample(input, grid, 3, interpolation_mode, padding_mode,
                       align_corners != 0, "grid_sampler3d_cpu", ret0));
}
