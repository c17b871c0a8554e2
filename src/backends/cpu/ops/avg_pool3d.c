// SPDX-License-Identifier: Apache-2.0
//
// aten::avg_pool3d.
#include "backends/cpu/kernels/image/pool.h"
#include "ops/op.h"

static pt2_status_t pool(const pt2_tensor_t* self, const pt2__pool_args_t* args,
                         bool count_include_pad, const int64_t* divisor,
                         pt2_tensor_t** out_result) {
  PT2_OP_CHECK(divisor == NULL || *divisor != 0, "divisor must be not zero");
  pt2__pool_t pool;
  PT2_TRY(pt2__pool_resolve(self, args, &pool));
  const pt2__pool_average_t average = {
      .count_include_pad = count_include_pad,
      .divisor = divisor == NULL ? 0 : *divisor};
  return pt2__pool_average(&pool, self, &average, out_result);
}

AOTITorchError aoti_torch_cpu_avg_pool3d(
    AtenTensorHandle self, const int64_t* kernel_size,
    int64_t kernel_size_count, const int64_t* stride, int64_t stride_count,
    const int64_t* padding, int64_t padding_count, int32_t ceil_mode,
    int32_t count_include_pad, int64_t* divisor_override,
    AtenTensorHandle* ret0) {
  const pt2__pool_args_t args = {
      .name = "avg_pool3d",
      .spatial = 3,
      .kernel = {kernel_size, kernel_size_count},
      .stride = {stride, stride_count},
      .padding = {padding, padding_count},
      .ceil_mode = ceil_mode != 0,
      .kernel_fits = true,
      .row_major = true,
  };
  PT2_OP_RETURN("aten::avg_pool3d", pool(self, &args, count_include_pad != 0,
                                         divisor_override, ret0));
}
