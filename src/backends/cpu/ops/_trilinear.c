// SPDX-License-Identifier: Apache-2.0
//
// aten::_trilinear.
#include <string.h>

#include "backends/cpu/kernels/matmul/gemm.h"
#include "backends/cpu/kernels/matmul/trilinear.h"

static pt2_status_t trilinear(const pt2_tensor_t* const operands[3],
                              const pt2__trilinear_dims_t expand[3],
                              pt2__trilinear_dims_t sum, int64_t unroll,
                              pt2_tensor_t** ret0) {
  pt2__trilinear_t plan;
  PT2_TRY(pt2__trilinear_check(operands, expand, sum, unroll,
                               pt2__gemm_dtype_supported, &plan));
  int64_t sizes[PT2__MAX_RANK];
  int32_t rank = 0;
  for (int32_t i = 0; i < plan.rank; ++i) {
    if (!plan.sum[i]) {
      sizes[rank++] = plan.result[i];
    }
  }
  pt2_tensor_t* out;
  PT2_TRY(pt2__tensor_empty(operands[0]->dtype, rank, sizes, NULL, &out));
  pt2_status_t status = PT2_STATUS_OK;
  if (out->numel > 0) {
    memset(out->data, 0, (size_t)out->numel * pt2_dtype_size_bytes(out->dtype));
    status = plan.empty ? PT2_STATUS_OK : pt2__trilinear(&plan, out);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(out);
    return status;
  }
  *ret0 = out;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu__trilinear(
    AtenTensorHandle i1, AtenTensorHandle i2, AtenTensorHandle i3,
    const int64_t* expand1, int64_t expand1_len_, const int64_t* expand2,
    int64_t expand2_len_, const int64_t* expand3, int64_t expand3_len_,
    const int64_t* sumdim, int64_t sumdim_len_, int64_t unroll_dim,
    AtenTensorHandle* ret0) {
  const pt2_tensor_t* const operands[3] = {i1, i2, i3};
  const pt2__trilinear_dims_t expand[3] = {{expand1, expand1_len_},
                                           {expand2, expand2_len_},
                                           {expand3, expand3_len_}};
  PT2_OP_RETURN(
      "aten::_trilinear",
      trilinear(operands, expand, (pt2__trilinear_dims_t){sumdim, sumdim_len_},
                unroll_dim, ret0));
}
