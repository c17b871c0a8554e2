// SPDX-License-Identifier: Apache-2.0
//
// aten::_scaled_mm.out.
#include "backends/cpu/kernels/matmul/scaled_mm.h"

static pt2_status_t scaled_mm_out(pt2_tensor_t* out, const pt2_tensor_t* self,
                                  const pt2_tensor_t* mat2,
                                  const pt2_tensor_t* scale_a,
                                  const pt2_tensor_t* scale_b,
                                  const pt2_tensor_t* bias,
                                  const pt2_tensor_t* scale_result,
                                  const int32_t* out_dtype) {
  PT2_OP_CHECK_TENSOR(out, "out");
  pt2__scaled_mm_t mm;
  PT2_TRY(pt2__scaled_mm_check(self, mat2, scale_a, scale_b, bias, scale_result,
                               out_dtype, &mm));
  PT2_TRY(pt2__scaled_mm_check_out(&mm, out_dtype, out));
  return pt2__scaled_mm(&mm, out);
}

AOTITorchError aoti_torch_cpu__scaled_mm_out(
    AtenTensorHandle out, AtenTensorHandle self, AtenTensorHandle mat2,
    AtenTensorHandle scale_a, AtenTensorHandle scale_b, AtenTensorHandle* bias,
    AtenTensorHandle* scale_result, int32_t* out_dtype,
    int32_t use_fast_accum) {
  (void)use_fast_accum;
  PT2_OP_RETURN(
      "aten::_scaled_mm_out",
      scaled_mm_out(out, self, mat2, scale_a, scale_b,
                    bias == NULL ? NULL : *bias,
                    scale_result == NULL ? NULL : *scale_result, out_dtype));
}
