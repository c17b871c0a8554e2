// SPDX-License-Identifier: Apache-2.0
//
// aten::_scaled_mm, under the names that its C function has had. The order of
// summation in float8 hardware (use_fast_accum) is none of the CPU's.
#include "backends/cpu/kernels/matmul/scaled_mm.h"

static const pt2_tensor_t* optional(AtenTensorHandle* handle) {
  return handle == NULL ? NULL : *handle;
}

AOTITorchError aoti_torch_cpu__scaled_mm(
    AtenTensorHandle self, AtenTensorHandle mat2, AtenTensorHandle scale_a,
    AtenTensorHandle scale_b, AtenTensorHandle* bias,
    AtenTensorHandle* scale_result, int32_t* out_dtype, int32_t use_fast_accum,
    AtenTensorHandle* ret0) {
  (void)use_fast_accum;
  PT2_OP_RETURN("aten::_scaled_mm",
                pt2__scaled_mm_new(self, mat2, scale_a, scale_b, optional(bias),
                                   optional(scale_result), out_dtype, ret0));
}

AOTITorchError aoti_torch__scaled_mm_v2(
    AtenTensorHandle self, AtenTensorHandle mat2, AtenTensorHandle scale_a,
    AtenTensorHandle scale_b, AtenTensorHandle bias,
    AtenTensorHandle scale_result, int32_t* out_dtype, int8_t use_fast_accum,
    AtenTensorHandle* ret0) {
  (void)use_fast_accum;
  PT2_OP_RETURN("aten::_scaled_mm",
                pt2__scaled_mm_new(self, mat2, scale_a, scale_b, bias,
                                   scale_result, out_dtype, ret0));
}

// Its second result was the largest value, which _scaled_mm no longer has:
// undefined, so that its owner can release it.
static pt2_status_t scaled_mm_v1(
    const pt2_tensor_t* self, const pt2_tensor_t* mat2,
    const pt2_tensor_t* scale_a, const pt2_tensor_t* scale_b,
    const pt2_tensor_t* bias, const pt2_tensor_t* scale_result,
    const int32_t* out_dtype, pt2_tensor_t** ret0, pt2_tensor_t** ret1) {
  pt2_tensor_t* largest = NULL;
  if (ret1 != NULL) {
    PT2_TRY(pt2__tensor_undefined(&largest));
  }
  pt2_status_t status = pt2__scaled_mm_new(self, mat2, scale_a, scale_b, bias,
                                           scale_result, out_dtype, ret0);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(largest);
    return status;
  }
  if (ret1 != NULL) {
    *ret1 = largest;
  }
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch__scaled_mm(
    AtenTensorHandle self, AtenTensorHandle mat2, AtenTensorHandle bias,
    int32_t* out_dtype, AtenTensorHandle scale_a, AtenTensorHandle scale_b,
    AtenTensorHandle scale_result, int8_t use_fast_accum,
    AtenTensorHandle* ret0, AtenTensorHandle* ret1) {
  (void)use_fast_accum;
  PT2_OP_RETURN("aten::_scaled_mm",
                scaled_mm_v1(self, mat2, scale_a, scale_b, bias, scale_result,
                             out_dtype, ret0, ret1));
}
