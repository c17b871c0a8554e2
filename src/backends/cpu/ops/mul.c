// SPDX-License-Identifier: Apache-2.0
//
// aten::mul.Tensor and aten::mul.Scalar.
#include "backends/cpu/kernels/complex/complex_numbers.h"
#include "backends/cpu/kernels/elementwise/arithmetic.h"
#include "ops/arithmetic.h"

// Products of unsigned numbers are those of signed ones of the same width.
static int32_t signed_of(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_U16:
      return PT2_DTYPE_I16;
    case PT2_DTYPE_U32:
      return PT2_DTYPE_I32;
    case PT2_DTYPE_U64:
      return PT2_DTYPE_I64;
    default:
      return dtype;
  }
}

// f16 or bf16 times a single number, which torch does not round to them.
static pt2_status_t scale(const pt2__pair_t* pair, pt2_tensor_t** out_result) {
  const pt2_tensor_t* number = pair->inputs[1];
  float factor = (float)pt2__element_get_f64(number->dtype, number->data);
  pt2__elementwise_kernel_t kernel = {.context = &factor};
  PT2_OP_CHECK(
      pt2__arithmetic_kernel(PT2__ARITHMETIC_SCALE, pair->dtype, &kernel),
      "\"mul_cpu_reduced_float\" not implemented for '%s'",
      pt2__dtype_torch_name(pair->dtype));
  pt2__elementwise_shape_t shape;
  PT2_TRY(pt2__elementwise_shape(pair->inputs, 2, pair->dtype, &shape));
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(pair->dtype, shape.rank, shape.sizes, shape.strides,
                            &result));
  pt2__elementwise_run(&kernel, pair->inputs, 1, pair->dtype, result);
  *out_result = result;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__arithmetic_product(const pt2__pair_t* pair,
                                     pt2_tensor_t** out_result) {
  const char* name = pt2__dtype_torch_name(pair->dtype);
  bool single = pair->inputs[1]->numel == 1;
  if (single &&
      (pair->dtype == PT2_DTYPE_F16 || pair->dtype == PT2_DTYPE_BF16)) {
    return scale(pair, out_result);
  }
  // torch's way for a single number knows no 8-bit floats.
  bool float8 = pt2__dtype_is_floating(pair->dtype) &&
                pt2_dtype_size_bytes(pair->dtype) == 1;
  PT2_OP_CHECK(!float8 || !single,
               "\"mul_cpu_reduced_float\" not implemented for '%s'", name);
  pt2__elementwise_kernel_t kernel = {0};
  bool known = pt2__arithmetic_kernel(PT2__ARITHMETIC_MUL,
                                      signed_of(pair->dtype), &kernel);
  PT2_OP_CHECK(known && pair->dtype != PT2_DTYPE_F4E2M1FNX2,
               "\"mul_cpu\" not implemented for '%s'", name);
  if (pt2__dtype_is_integral(pair->dtype, true)) {
    kernel.input_dtype = kernel.result_dtype = pair->dtype;
  }
  return pt2__elementwise_new(&kernel, pair->inputs, 2, pair->dtype,
                              pair->dtype, out_result);
}

static pt2_status_t mul(const pt2_tensor_t* self, const pt2_tensor_t* other,
                        pt2_tensor_t** out_result) {
  pt2__pair_t pair;
  PT2_TRY(pt2__pair_of_tensors(self, "self", other, "other", &pair));
  return pt2__arithmetic_product(&pair, out_result);
}

static pt2_status_t mul_number(const pt2_tensor_t* self, double other,
                               pt2_tensor_t** out_result) {
  pt2__pair_t pair;
  PT2_TRY(pt2__pair_with_number(self, "self", other, false, &pair));
  pt2_status_t status = pt2__arithmetic_product(&pair, out_result);
  pt2__pair_release(&pair);
  return status;
}

AOTITorchError aoti_torch_cpu_mul_Tensor(AtenTensorHandle self,
                                         AtenTensorHandle other,
                                         AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::mul", mul(self, other, ret0));
}

AOTITorchError aoti_torch_cpu_mul_Scalar(AtenTensorHandle self, double other,
                                         AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::mul", mul_number(self, other, ret0));
}

// ---- By name, which models do for numbers that are not floats
// --------------------------

// (Tensor self, Scalar other)
static pt2_status_t by_name(const pt2__boxed_t* boxed,
                            pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *number;
  pt2__pair_t pair = {.number = NULL};
  pt2__promotion_t promotion = PT2__PROMOTION_NONE;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__promotion_add(&promotion, self));
  PT2_TRY(pt2__complex_number(boxed, 1, "other", &promotion, &number));
  pair.inputs[0] = self;
  pair.inputs[1] = pair.number = number;
  pt2_status_t status = pt2__promotion_result(&promotion, &pair.dtype);
  if (status == PT2_STATUS_OK) {
    status = pt2__arithmetic_product(&pair, out_result);
  }
  pt2__pair_release(&pair);
  return status;
}

PT2_BOXED_OVERLOAD(mul_Scalar, "aten::mul.Scalar", 1, by_name)
