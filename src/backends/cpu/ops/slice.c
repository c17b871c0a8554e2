// SPDX-License-Identifier: Apache-2.0
//
// aten::slice.Tensor.
#include "ops/view.h"

AOTITorchError aoti_torch_cpu_slice_Tensor(AtenTensorHandle self, int64_t dim,
                                           int64_t* start, int64_t* end,
                                           int64_t step,
                                           AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::slice",
                pt2__view_slice(self, dim, start, end, step, ret0));
}
