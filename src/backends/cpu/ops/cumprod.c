// SPDX-License-Identifier: Apache-2.0
//
// aten::cumprod.
#include "backends/cpu/kernels/reduce/scan.h"

AOTITorchError aoti_torch_cpu_cumprod(AtenTensorHandle self, int64_t dim,
                                      int32_t* dtype, AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::cumprod",
                pt2__scan(PT2__SCAN_PRODUCT, self, dim, dtype, ret0));
}
