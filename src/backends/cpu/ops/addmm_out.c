// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/matmul/gemm.h"
#include "backends/cpu/kernels/matmul/gemm_matmul.h"

static pt2_status_t addmm(pt2_tensor_t* out, const pt2_tensor_t* self,
                          const pt2_tensor_t* mat1, const pt2_tensor_t* mat2,
                          double beta, double alpha) {
  pt2__matmul_t matmul;
  PT2_TRY(pt2__matmul_addmm(out, self, mat1, mat2, beta, alpha,
                            pt2__gemm_dtype_supported, &matmul));
  return pt2__gemm_matmul(&matmul);
}

AOTITorchError aoti_torch_cpu_addmm_out(AtenTensorHandle out,
                                        AtenTensorHandle self,
                                        AtenTensorHandle mat1,
                                        AtenTensorHandle mat2, double beta,
                                        double alpha) {
  PT2_OP_RETURN("aten::addmm_out", addmm(out, self, mat1, mat2, beta, alpha));
}

// The name before operators had one for each device.
AOTITorchError aoti_torch_addmm_out(AtenTensorHandle out, AtenTensorHandle self,
                                    AtenTensorHandle mat1,
                                    AtenTensorHandle mat2, float beta,
                                    float alpha) {
  PT2_OP_RETURN("aten::addmm_out",
                addmm(out, self, mat1, mat2, (double)beta, (double)alpha));
}
