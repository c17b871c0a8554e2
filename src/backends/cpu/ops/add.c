// SPDX-License-Identifier: Apache-2.0
//
// aten::add and aten::subtract: self ± alpha * other. A model's numbers arrive
// as doubles, so that integer tensors take no |alpha|, not even 1, and adding a
// number to one makes floats: what torch's own shims do.
#include "backends/cpu/kernels/elementwise/arithmetic.h"
#include "ops/arithmetic.h"

pt2_status_t pt2__arithmetic_sum(const pt2__pair_t* pair, double alpha,
                                 pt2_tensor_t** out_result) {
  double scale;
  PT2_TRY(pt2__arithmetic_alpha(alpha, pair->dtype, &scale));
  pt2__elementwise_kernel_t kernel = {.context = &scale};
  PT2_OP_CHECK(
      pt2__arithmetic_kernel(PT2__ARITHMETIC_ADD, pair->dtype, &kernel) &&
          pt2_dtype_size_bytes(pair->dtype) > 1,
      "\"add_stub\" not implemented for '%s'",
      pt2__dtype_torch_name(pair->dtype));
  return pt2__elementwise_new(&kernel, pair->inputs, 2, pair->dtype,
                              pair->dtype, out_result);
}

static pt2_status_t add(const pt2_tensor_t* self, const pt2_tensor_t* other,
                        double alpha, pt2_tensor_t** out_result) {
  pt2__pair_t pair;
  PT2_TRY(pt2__pair_of_tensors(self, "self", other, "other", &pair));
  return pt2__arithmetic_sum(&pair, alpha, out_result);
}

static pt2_status_t add_number(const pt2_tensor_t* self, double other,
                               double alpha, pt2_tensor_t** out_result) {
  pt2__pair_t pair;
  PT2_TRY(pt2__pair_with_number(self, "self", other, false, &pair));
  pt2_status_t status = pt2__arithmetic_sum(&pair, alpha, out_result);
  pt2__pair_release(&pair);
  return status;
}

static pt2_status_t subtract(const pt2_tensor_t* self,
                             const pt2_tensor_t* other, double alpha,
                             pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK_TENSOR(other, "other");
  PT2_OP_CHECK(
      self->dtype != PT2_DTYPE_BOOL && other->dtype != PT2_DTYPE_BOOL,
      "Subtraction, the `-` operator, with %s is not supported.",
      self->dtype == other->dtype ? "two bool tensors" : "a bool tensor");
  return add(self, other, -alpha, out_result);
}

AOTITorchError aoti_torch_cpu_add_Tensor(AtenTensorHandle self,
                                         AtenTensorHandle other, double alpha,
                                         AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::add", add(self, other, alpha, ret0));
}

AOTITorchError aoti_torch_cpu_add_Scalar(AtenTensorHandle self, double other,
                                         double alpha, AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::add", add_number(self, other, alpha, ret0));
}

AOTITorchError aoti_torch_aten_subtract_Tensor(AtenTensorHandle self,
                                               AtenTensorHandle other,
                                               double alpha,
                                               AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::subtract", subtract(self, other, alpha, ret0));
}
