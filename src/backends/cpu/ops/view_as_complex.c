// SPDX-License-Identifier: Apache-2.0
//
// aten::view_as_complex.
#include "ops/view.h"

AOTITorchError aoti_torch_cpu_view_as_complex(AtenTensorHandle self,
                                              AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::view_as_complex", pt2__view_as_complex(self, ret0));
}
