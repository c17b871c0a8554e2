// SPDX-License-Identifier: Apache-2.0
//
// _quantized::wrapped_fbgemm_pack_gemm_matrix_fp16.
#include "backends/cpu/kernels/matmul/packed_linear.h"

AOTITorchError aoti_torch_cpu_wrapped_fbgemm_pack_gemm_matrix_fp16(
    AtenTensorHandle weight, AtenTensorHandle* out) {
  PT2_OP_RETURN("_quantized::wrapped_fbgemm_pack_gemm_matrix_fp16",
                pt2__packed_linear_pack_f16(weight, out));
}
