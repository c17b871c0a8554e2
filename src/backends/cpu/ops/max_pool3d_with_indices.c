// SPDX-License-Identifier: Apache-2.0
//
// aten::max_pool3d_with_indices.
#include "backends/cpu/kernels/image/pool.h"
#include "ops/op.h"

static pt2_status_t pool(const pt2_tensor_t* self, const pt2__pool_args_t* args,
                         pt2_tensor_t** out_values,
                         pt2_tensor_t** out_indices) {
  pt2__pool_t pool;
  PT2_TRY(pt2__pool_resolve(self, args, &pool));
  return pt2__pool_max(&pool, self, out_values, out_indices);
}

AOTITorchError aoti_torch_cpu_max_pool3d_with_indices(
    AtenTensorHandle self, const int64_t* kernel_size,
    int64_t kernel_size_count, const int64_t* stride, int64_t stride_count,
    const int64_t* padding, int64_t padding_count, const int64_t* dilation,
    int64_t dilation_count, int32_t ceil_mode, AtenTensorHandle* ret0,
    AtenTensorHandle* ret1) {
  static const int64_t one = 1;
  const pt2__pool_args_t args = {
      .name = "max_pool3d",
      .spatial = 3,
      .kernel = {kernel_size, kernel_size_count},
      .stride = {stride, stride_count},
      .padding = {padding, padding_count},
      // An empty list is an error there, unlike that of avg_pool3d.
      .dilation = {dilation_count == 0 ? &one : dilation,
                   dilation_count == 0 ? -1 : dilation_count},
      .ceil_mode = ceil_mode != 0,
  };
  PT2_OP_RETURN("aten::max_pool3d_with_indices", pool(self, &args, ret0, ret1));
}
