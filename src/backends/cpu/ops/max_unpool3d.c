// SPDX-License-Identifier: Apache-2.0
//
// aten::max_unpool3d.
#include "backends/cpu/kernels/image/unpool.h"
#include "ops/op.h"

AOTITorchError aoti_torch_cpu_max_unpool3d(
    AtenTensorHandle self, AtenTensorHandle indices, const int64_t* output_size,
    int64_t output_size_count, const int64_t* stride, int64_t stride_count,
    const int64_t* padding, int64_t padding_count, AtenTensorHandle* ret0) {
  const pt2__unpool_args_t args = {
      .spatial = 3,
      .output_size = {output_size, output_size_count},
      .stride = {stride, stride_count},
      .padding = {padding, padding_count}};
  PT2_OP_RETURN("aten::max_unpool3d", pt2__unpool(self, indices, &args, ret0));
}
