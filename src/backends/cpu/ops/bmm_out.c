// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/matmul/gemm.h"
#include "backends/cpu/kernels/matmul/gemm_matmul.h"

static pt2_status_t bmm(pt2_tensor_t* out, const pt2_tensor_t* self,
                        const pt2_tensor_t* mat2) {
  pt2__matmul_t matmul;
  PT2_TRY(pt2__matmul_bmm(out, self, mat2, pt2__gemm_dtype_supported, &matmul));
  return pt2__gemm_matmul(&matmul);
}

AOTITorchError aoti_torch_cpu_bmm_out(AtenTensorHandle out,
                                      AtenTensorHandle self,
                                      AtenTensorHandle mat2) {
  PT2_OP_RETURN("aten::bmm_out", bmm(out, self, mat2));
}

// The name before operators had one for each device.
AOTITorchError aoti_torch_bmm_out(AtenTensorHandle out, AtenTensorHandle self,
                                  AtenTensorHandle mat2) {
  PT2_OP_RETURN("aten::bmm_out", bmm(out, self, mat2));
}
