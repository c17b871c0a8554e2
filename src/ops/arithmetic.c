// SPDX-License-Identifier: Apache-2.0
#include "ops/arithmetic.h"

pt2_status_t pt2__pair_of_tensors(const pt2_tensor_t* a, const char* left,
                                  const pt2_tensor_t* b, const char* right,
                                  pt2__pair_t* out_pair) {
  PT2_OP_CHECK_TENSOR(a, left);
  PT2_OP_CHECK_TENSOR(b, right);
  out_pair->inputs[0] = a;
  out_pair->inputs[1] = b;
  out_pair->number = NULL;
  return pt2__elementwise_promote(out_pair->inputs, 2, &out_pair->dtype);
}

pt2_status_t pt2__pair_with_number(const pt2_tensor_t* tensor, const char* name,
                                   double number, bool number_first,
                                   pt2__pair_t* out_pair) {
  PT2_OP_CHECK_TENSOR(tensor, name);
  PT2_OP_CHECK(tensor->dtype != PT2_DTYPE_F4E2M1FNX2,
               "\"copy_\" not implemented for '%s'",
               pt2__dtype_torch_name(tensor->dtype));
  pt2__promotion_t promotion = PT2__PROMOTION_NONE;
  PT2_TRY(pt2__promotion_add(&promotion, tensor));
  PT2_TRY(pt2__promotion_add_number(&promotion, PT2_DTYPE_F64));
  PT2_TRY(pt2__promotion_result(&promotion, &out_pair->dtype));
  PT2_TRY(pt2__elementwise_number(number, &out_pair->number));
  out_pair->inputs[0] = number_first ? out_pair->number : tensor;
  out_pair->inputs[1] = number_first ? tensor : out_pair->number;
  return PT2_STATUS_OK;
}

void pt2__pair_release(pt2__pair_t* pair) {
  pt2__tensor_release(pair->number);
  pair->number = NULL;
}

pt2_status_t pt2__arithmetic_alpha(double alpha, int32_t dtype,
                                   double* out_alpha) {
  PT2_OP_CHECK(!pt2__dtype_is_integral(dtype, true),
               "For integral input tensors, argument alpha must not be a "
               "floating point number, but got %g for %s",
               alpha, pt2__dtype_torch_name(dtype));
  PT2_TRY(pt2__elementwise_check_number(alpha, dtype));
  char element[16];
  pt2__element_set_f64(dtype, element, alpha);
  *out_alpha = pt2__element_get_f64(dtype, element);
  return PT2_STATUS_OK;
}
