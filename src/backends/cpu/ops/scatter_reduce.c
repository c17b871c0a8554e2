// SPDX-License-Identifier: Apache-2.0
//
// aten::scatter_reduce.two_out.
#include "backends/cpu/kernels/index/scatter.h"

static pt2_status_t reduce_out(pt2_tensor_t* out, const pt2_tensor_t* self,
                               int64_t dim, const pt2_tensor_t* index,
                               const pt2_tensor_t* src, const char* reduce,
                               bool include_self) {
  pt2__scatter_t kind;
  PT2_TRY(pt2__scatter_parse(reduce, &kind));
  PT2_OP_CHECK_TENSOR(src, "src");
  return pt2__scatter(kind, out, self, dim, index, src, NULL, include_self);
}

AOTITorchError aoti_torch_scatter_reduce_out(AtenTensorHandle out,
                                             AtenTensorHandle self, int64_t dim,
                                             AtenTensorHandle index,
                                             AtenTensorHandle src,
                                             const char* reduce,
                                             int32_t include_self) {
  PT2_OP_RETURN(
      "aten::scatter_reduce.two_out",
      reduce_out(out, self, dim, index, src, reduce, include_self != 0));
}

AOTITorchError aoti_torch_cpu_scatter_reduce_two_out(
    AtenTensorHandle out, AtenTensorHandle self, int64_t dim,
    AtenTensorHandle index, AtenTensorHandle src, const char* reduce,
    int32_t include_self) {
  PT2_OP_RETURN(
      "aten::scatter_reduce.two_out",
      reduce_out(out, self, dim, index, src, reduce, include_self != 0));
}
