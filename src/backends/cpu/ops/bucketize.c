// SPDX-License-Identifier: Apache-2.0
//
// aten::bucketize.Tensor.
#include "backends/cpu/kernels/index/search.h"

static pt2_status_t bucketize(const pt2_tensor_t* self,
                              const pt2_tensor_t* boundaries, bool out_int32,
                              bool right, AtenTensorHandle* ret0) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK_TENSOR(boundaries, "boundaries");
  PT2_OP_CHECK(boundaries->rank == 1,
               "boundaries tensor must be 1 dimension, but got dim(%d)",
               (int)boundaries->rank);
  const pt2__search_args_t args = {.boundaries = boundaries,
                                   .values = self,
                                   .out_int32 = out_int32,
                                   .right = right};
  return pt2__searchsorted(&args, ret0);
}

AOTITorchError aoti_torch_cpu_bucketize_Tensor(AtenTensorHandle self,
                                               AtenTensorHandle boundaries,
                                               int32_t out_int32, int32_t right,
                                               AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::bucketize.Tensor",
                bucketize(self, boundaries, out_int32 != 0, right != 0, ret0));
}
