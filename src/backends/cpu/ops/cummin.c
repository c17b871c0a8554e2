// SPDX-License-Identifier: Apache-2.0
//
// aten::cummin.
#include "backends/cpu/kernels/reduce/cummax.h"

AOTITorchError aoti_torch_cpu_cummin(AtenTensorHandle self, int64_t dim,
                                     AtenTensorHandle* ret0,
                                     AtenTensorHandle* ret1) {
  PT2_OP_RETURN("aten::cummin", pt2__cummax(false, self, dim, ret0, ret1));
}
