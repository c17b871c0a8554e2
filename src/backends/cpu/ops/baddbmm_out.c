// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/matmul/gemm.h"
#include "backends/cpu/kernels/matmul/gemm_matmul.h"

static pt2_status_t baddbmm(pt2_tensor_t* out, const pt2_tensor_t* self,
                            const pt2_tensor_t* batch1,
                            const pt2_tensor_t* batch2, double beta,
                            double alpha) {
  pt2__matmul_t matmul;
  PT2_TRY(pt2__matmul_baddbmm(out, self, batch1, batch2, beta, alpha,
                              pt2__gemm_dtype_supported, &matmul));
  return pt2__gemm_matmul(&matmul);
}

AOTITorchError aoti_torch_cpu_baddbmm_out(AtenTensorHandle out,
                                          AtenTensorHandle self,
                                          AtenTensorHandle batch1,
                                          AtenTensorHandle batch2, double beta,
                                          double alpha) {
  PT2_OP_RETURN("aten::baddbmm_out",
                baddbmm(out, self, batch1, batch2, beta, alpha));
}
