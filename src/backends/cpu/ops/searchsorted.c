// SPDX-License-Identifier: Apache-2.0
//
// aten::searchsorted.Tensor and aten::searchsorted.Scalar.
#include "backends/cpu/kernels/index/search.h"

static pt2_status_t search_tensor(const pt2_tensor_t* boundaries,
                                  const pt2_tensor_t* self, bool out_int32,
                                  bool right, const char** side,
                                  const AtenTensorHandle* sorter,
                                  AtenTensorHandle* ret0) {
  const pt2__search_args_t args = {.boundaries = boundaries,
                                   .values = self,
                                   .out_int32 = out_int32,
                                   .right = right,
                                   .side = side != NULL ? *side : NULL,
                                   .sorter = sorter != NULL ? *sorter : NULL};
  return pt2__searchsorted(&args, ret0);
}

static pt2_status_t search_number(const pt2_tensor_t* boundaries, double self,
                                  bool out_int32, bool right, const char** side,
                                  const AtenTensorHandle* sorter,
                                  AtenTensorHandle* ret0) {
  pt2_tensor_t* number;
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_F64, 0, NULL, NULL, &number));
  *(double*)number->data = self;
  const pt2__search_args_t args = {.boundaries = boundaries,
                                   .values = number,
                                   .is_number = true,
                                   .out_int32 = out_int32,
                                   .right = right,
                                   .side = side != NULL ? *side : NULL,
                                   .sorter = sorter != NULL ? *sorter : NULL};
  pt2_status_t status = pt2__searchsorted(&args, ret0);
  pt2__tensor_release(number);
  return status;
}

AOTITorchError aoti_torch_cpu_searchsorted_Tensor(
    AtenTensorHandle sorted_sequence, AtenTensorHandle self, int32_t out_int32,
    int32_t right, const char** side, AtenTensorHandle* sorter,
    AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::searchsorted.Tensor",
                search_tensor(sorted_sequence, self, out_int32 != 0, right != 0,
                              side, sorter, ret0));
}

AOTITorchError aoti_torch_cpu_searchsorted_Scalar(
    AtenTensorHandle sorted_sequence, double self, int32_t out_int32,
    int32_t right, const char** side, AtenTensorHandle* sorter,
    AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::searchsorted.Scalar",
                search_number(sorted_sequence, self, out_int32 != 0, right != 0,
                              side, sorter, ret0));
}
