// SPDX-License-Identifier: Apache-2.0
//
// aten::view_as_real, and its form of older packages.
#include "ops/view.h"

AOTITorchError aoti_torch_cpu_view_as_real(AtenTensorHandle self,
                                           AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::view_as_real", pt2__view_as_real(self, ret0));
}

AOTITorchError aoti_torch_view_as_real(AtenTensorHandle self,
                                       AtenTensorHandle* ret) {
  PT2_OP_RETURN("aten::view_as_real", pt2__view_as_real(self, ret));
}
