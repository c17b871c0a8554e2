// SPDX-License-Identifier: Apache-2.0
//
// aten::squeeze.dim.
#include "ops/view.h"

AOTITorchError aoti_torch_cpu_squeeze_dim(AtenTensorHandle self, int64_t dim,
                                          AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::squeeze", pt2__view_squeeze(self, dim, ret0));
}
