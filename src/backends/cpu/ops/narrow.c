// SPDX-License-Identifier: Apache-2.0
//
// aten::narrow.
#include "ops/view.h"

AOTITorchError aoti_torch_cpu_narrow(AtenTensorHandle self, int64_t dim,
                                     int64_t start, int64_t length,
                                     AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::narrow",
                pt2__view_narrow(self, dim, start, length, ret0));
}

AOTITorchError aoti_torch_aten_narrow(AtenTensorHandle self, int64_t dim,
                                      int64_t start, int64_t length,
                                      AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::narrow",
                pt2__view_narrow(self, dim, start, length, ret0));
}
