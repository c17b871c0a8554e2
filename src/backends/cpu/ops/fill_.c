// SPDX-License-Identifier: Apache-2.0
//
// aten::fill_.Scalar.
#include "backends/cpu/kernels/elementwise/fill_number.h"

static pt2_status_t fill(pt2_tensor_t* self, double value) {
  PT2_OP_CHECK_TENSOR(self, "self");
  return pt2__fill_number(self, value);
}

AOTITorchError aoti_torch_cpu_fill__Scalar(AtenTensorHandle self,
                                           double value) {
  PT2_OP_RETURN("aten::fill_", fill(self, value));
}

AOTITorchError aoti_torch_aten_fill__Scalar(AtenTensorHandle self,
                                            double value) {
  PT2_OP_RETURN("aten::fill_", fill(self, value));
}
