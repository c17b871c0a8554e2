// SPDX-License-Identifier: Apache-2.0
//
// aten::permute.
#include "ops/view.h"

AOTITorchError aoti_torch_cpu_permute(AtenTensorHandle self,
                                      const int64_t* dims, int64_t dims_count,
                                      AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::permute",
                pt2__view_permute(self, dims, dims_count, ret0));
}
