// SPDX-License-Identifier: Apache-2.0
//
// aten::view.dtype, and its form of older packages.
#include "ops/view.h"

AOTITorchError aoti_torch_cpu_view_dtype(AtenTensorHandle self, int32_t dtype,
                                         AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::view", pt2__view_dtype(self, dtype, ret0));
}

AOTITorchError aoti_torch_view_dtype(AtenTensorHandle self, int32_t dtype,
                                     AtenTensorHandle* ret) {
  PT2_OP_RETURN("aten::view", pt2__view_dtype(self, dtype, ret));
}
