// SPDX-License-Identifier: Apache-2.0
//
// aten::cummax.
#include "backends/cpu/kernels/reduce/cummax.h"

AOTITorchError aoti_torch_cpu_cummax(AtenTensorHandle self, int64_t dim,
                                     AtenTensorHandle* ret0,
                                     AtenTensorHandle* ret1) {
  PT2_OP_RETURN("aten::cummax", pt2__cummax(true, self, dim, ret0, ret1));
}
