// SPDX-License-Identifier: Apache-2.0
//
// aten::_adaptive_avg_pool2d.
#include "backends/cpu/kernels/image/pool.h"
#include "ops/op.h"

static pt2_status_t pool(const pt2_tensor_t* self, pt2__int_list_t output_size,
                         pt2_tensor_t** out_result) {
  static const pt2__pool_adaptive_args_t args = {
      .name = "adaptive_avg_pool2d",
      .spatial = 2,
      .no_channels = true,
  };
  pt2__pool_t pool;
  PT2_TRY(pt2__pool_resolve_adaptive(self, &args, output_size, &pool));
  const pt2__pool_average_t average = {0};
  return pt2__pool_average(&pool, self, &average, out_result);
}

AOTITorchError aoti_torch_cpu__adaptive_avg_pool2d(AtenTensorHandle self,
                                                   const int64_t* output_size,
                                                   int64_t output_size_count,
                                                   AtenTensorHandle* ret0) {
  const pt2__int_list_t size = {output_size, output_size_count};
  PT2_OP_RETURN("aten::_adaptive_avg_pool2d", pool(self, size, ret0));
}
