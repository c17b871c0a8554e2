// SPDX-License-Identifier: Apache-2.0
//
// aten::masked_select.
#include "backends/cpu/kernels/elementwise/mask.h"

AOTITorchError aoti_torch_cpu_masked_select(AtenTensorHandle self,
                                            AtenTensorHandle mask,
                                            AtenTensorHandle* ret0) {
  int64_t chosen;
  PT2_OP_RETURN(
      "aten::masked_select",
      pt2__mask_select("masked_select", self, mask, 0, &chosen, ret0));
}
