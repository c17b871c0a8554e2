// SPDX-License-Identifier: Apache-2.0
//
// aten::_int_mm.out.
#include "backends/cpu/kernels/matmul/int_mm.h"

static pt2_status_t int_mm(pt2_tensor_t* out, const pt2_tensor_t* self,
                           const pt2_tensor_t* mat2) {
  pt2__matmul_t matmul;
  PT2_TRY(pt2__matmul_int_mm(out, self, mat2, &matmul));
  return pt2__int_mm(&matmul);
}

AOTITorchError aoti_torch_cpu__int_mm_out(AtenTensorHandle out,
                                          AtenTensorHandle self,
                                          AtenTensorHandle mat2) {
  PT2_OP_RETURN("aten::_int_mm_out", int_mm(out, self, mat2));
}
