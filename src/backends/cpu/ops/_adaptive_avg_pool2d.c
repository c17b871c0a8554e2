// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/pool.h"
#include "ops/op.h"

static pt2_status_t pool(const pt2_tensor_t* self, pt2__int_list_t output_size,
                         pt2_tensor_t** out_result) {
  pt2__pool_t pool;
  PT2_TRY(pt2__pool_resolve_adaptive(self, output_size, &pool));
  const pt2__pool_average_t average = {.adaptive = true};
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(self->dtype, pool.rank, pool.out_sizes,
                            pool.out_strides, &result));
  pt2_status_t status = pt2__pool_run(&pool, self, &average, result, NULL);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu__adaptive_avg_pool2d(AtenTensorHandle self,
                                                   const int64_t* output_size,
                                                   int64_t output_size_count,
                                                   AtenTensorHandle* ret0) {
  const pt2__int_list_t size = {output_size, output_size_count};
  PT2_OP_RETURN("aten::_adaptive_avg_pool2d", pool(self, size, ret0));
}
