// SPDX-License-Identifier: Apache-2.0
//
// aten::cumsum.
#include "backends/cpu/kernels/reduce/scan.h"

AOTITorchError aoti_torch_cpu_cumsum(AtenTensorHandle self, int64_t dim,
                                     int32_t* dtype, AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::cumsum",
                pt2__scan(PT2__SCAN_SUM, self, dim, dtype, ret0));
}
