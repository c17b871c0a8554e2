// SPDX-License-Identifier: Apache-2.0
//
// aten::abs.
#include "backends/cpu/kernels/elementwise/arithmetic.h"

static bool is_known(int32_t dtype) {
  return dtype != PT2_DTYPE_BOOL && dtype != PT2_DTYPE_U16 &&
         dtype != PT2_DTYPE_U32 && dtype != PT2_DTYPE_U64 &&
         dtype != PT2_DTYPE_F8E8M0FNU && dtype != PT2_DTYPE_F4E2M1FNX2;
}

pt2_status_t pt2__arithmetic_absolute(const pt2_tensor_t* self,
                                      pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(is_known(self->dtype), "\"abs_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  pt2__elementwise_kernel_t kernel = {0};
  PT2_OP_CHECK(
      pt2__arithmetic_kernel(PT2__ARITHMETIC_ABS, self->dtype, &kernel),
      "\"abs_cpu\" not implemented for '%s'",
      pt2__dtype_torch_name(self->dtype));
  return pt2__elementwise_new(&kernel, &self, 1, self->dtype,
                              pt2__dtype_real(self->dtype), out_result);
}

AOTITorchError aoti_torch_cpu_abs(AtenTensorHandle self,
                                  AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::abs", pt2__arithmetic_absolute(self, ret0));
}
