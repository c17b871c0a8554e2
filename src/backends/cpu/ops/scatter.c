// SPDX-License-Identifier: Apache-2.0
//
// aten::scatter.src_out and aten::scatter.value_out.
#include "backends/cpu/kernels/scatter.h"

static pt2_status_t scatter_value(pt2_tensor_t* out, const pt2_tensor_t* self,
                                  int64_t dim, const pt2_tensor_t* index,
                                  double value) {
  PT2_OP_CHECK_TENSOR(out, "out");
  char element[16] = {0};
  pt2__element_set_f64(out->dtype, element, value);
  return pt2__scatter(PT2__SCATTER_SET, out, self, dim, index, NULL, element,
                      true);
}

static pt2_status_t scatter_src(pt2_tensor_t* out, const pt2_tensor_t* self,
                                int64_t dim, const pt2_tensor_t* index,
                                const pt2_tensor_t* src) {
  PT2_OP_CHECK_TENSOR(src, "src");
  return pt2__scatter(PT2__SCATTER_SET, out, self, dim, index, src, NULL, true);
}

AOTITorchError aoti_torch_scatter_out(AtenTensorHandle out,
                                      AtenTensorHandle self, int64_t dim,
                                      AtenTensorHandle index,
                                      AtenTensorHandle src) {
  PT2_OP_RETURN("aten::scatter.src_out",
                scatter_src(out, self, dim, index, src));
}

AOTITorchError aoti_torch_cpu_scatter_src_out(AtenTensorHandle out,
                                              AtenTensorHandle self,
                                              int64_t dim,
                                              AtenTensorHandle index,
                                              AtenTensorHandle src) {
  PT2_OP_RETURN("aten::scatter.src_out",
                scatter_src(out, self, dim, index, src));
}

AOTITorchError aoti_torch_cpu_scatter_value_out(AtenTensorHandle out,
                                                AtenTensorHandle self,
                                                int64_t dim,
                                                AtenTensorHandle index,
                                                double value) {
  PT2_OP_RETURN("aten::scatter.value_out",
                scatter_value(out, self, dim, index, value));
}
