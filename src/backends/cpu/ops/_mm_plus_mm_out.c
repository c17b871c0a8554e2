// SPDX-License-Identifier: Apache-2.0
//
// inductor's own operator: out = a @ b + c @ d, rounded after each product as
// torch does.
#include "backends/cpu/kernels/matmul/gemm.h"
#include "backends/cpu/kernels/matmul/gemm_matmul.h"

static pt2_status_t mm_plus_mm(pt2_tensor_t* out, const pt2_tensor_t* a,
                               const pt2_tensor_t* b, const pt2_tensor_t* c,
                               const pt2_tensor_t* d) {
  pt2__matmul_t first;
  pt2__matmul_t second;
  PT2_TRY(pt2__matmul_mm(out, a, b, pt2__gemm_dtype_supported, &first));
  PT2_TRY(pt2__matmul_addmm(out, out, c, d, 1, 1, pt2__gemm_dtype_supported,
                            &second));
  PT2_TRY(pt2__gemm_matmul(&first));
  return pt2__gemm_matmul(&second);
}

AOTITorchError aoti_torch__mm_plus_mm_out(AtenTensorHandle out,
                                          AtenTensorHandle a,
                                          AtenTensorHandle b,
                                          AtenTensorHandle c,
                                          AtenTensorHandle d) {
  PT2_OP_RETURN("inductor::_mm_plus_mm", mm_plus_mm(out, a, b, c, d));
}
