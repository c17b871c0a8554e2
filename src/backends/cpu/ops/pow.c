// SPDX-License-Identifier: Apache-2.0
//
// aten::pow: tensors and numbers as base and exponent. A model's numbers arrive
// as doubles, so that integers with one make floats, as in torch's own shims.
#include <math.h>

#include "backends/cpu/kernels/elementwise/arithmetic.h"
#include "backends/cpu/kernels/elementwise/fill_number.h"
#include "backends/cpu/kernels/elementwise/power.h"
#include "ops/arithmetic.h"

static pt2_status_t check_dtype(int32_t dtype) {
  bool float8 =
      pt2__dtype_is_floating(dtype) && pt2_dtype_size_bytes(dtype) == 1;
  PT2_OP_CHECK(pt2__power_loop(pt2__elementwise_compute_dtype(dtype)) != NULL &&
                   !float8 && dtype != PT2_DTYPE_COMPLEX32,
               "\"pow\" not implemented for '%s'",
               pt2__dtype_torch_name(dtype));
  return PT2_STATUS_OK;
}

// Work of one element: about that many additions.
#define POWER_WORK 16

static void run_pair(const pt2__pair_t* pair, pt2_tensor_t* result) {
  int32_t dtype = pt2__elementwise_compute_dtype(pair->dtype);
  const pt2__elementwise_kernel_t kernel = {
      .loop = pt2__power_loop(dtype),
      .input_dtype = dtype,
      .result_dtype = dtype,
      .work = POWER_WORK,
  };
  pt2__elementwise_run(&kernel, pair->inputs, 2, pair->dtype, result);
}

pt2_status_t pt2__power(const pt2__pair_t* pair, pt2_tensor_t** out_result) {
  PT2_TRY(check_dtype(pair->dtype));
  pt2__elementwise_shape_t shape;
  PT2_TRY(pt2__elementwise_shape(pair->inputs, 2, pair->dtype, &shape));
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(pair->dtype, shape.rank, shape.sizes, shape.strides,
                            &result));
  run_pair(pair, result);
  *out_result = result;
  return PT2_STATUS_OK;
}

static pt2_status_t power(const pt2_tensor_t* self,
                          const pt2_tensor_t* exponent,
                          pt2_tensor_t** out_result) {
  pt2__pair_t pair;
  PT2_TRY(pt2__pair_of_tensors(self, "self", exponent, "exponent", &pair));
  return pt2__power(&pair, out_result);
}

// ---- A number as exponent ---------------------------------------------------

// Sets |kernel| to an exponent that needs no logarithm; false if it does.
static bool is_simple(double exponent, int32_t dtype,
                      pt2__elementwise_kernel_t* kernel) {
  static const struct {
    double exponent;
    pt2__arithmetic_t function;
  } simple[] = {
      {2.0, PT2__ARITHMETIC_SQUARE},
      {3.0, PT2__ARITHMETIC_CUBE},
      {0.5, PT2__ARITHMETIC_SQRT},
      {-0.5, PT2__ARITHMETIC_RSQRT},
      {-1.0, PT2__ARITHMETIC_RECIPROCAL},
      {-2.0, PT2__ARITHMETIC_INVERSE_SQUARE},
  };
  // Of f16 torch takes roots as powers: that of -infinity is infinity.
  if (dtype == PT2_DTYPE_F16 && fabs(exponent) == 0.5) {
    return false;
  }
  for (size_t i = 0; i < sizeof(simple) / sizeof(*simple); ++i) {
    if (simple[i].exponent == exponent) {
      return pt2__arithmetic_kernel(simple[i].function, dtype, kernel);
    }
  }
  return false;
}

// Fills |result|, which lies as |pair|'s tensor does.
static pt2_status_t run_to_number(const pt2__pair_t* pair, double exponent,
                                  pt2_tensor_t* result) {
  if (exponent == 0.0) {
    return pt2__fill_number(result, 1.0);
  }
  if (exponent == 1.0) {
    return pt2__tensor_copy(result, pair->inputs[0]);
  }
  PT2_TRY(check_dtype(pair->dtype));
  PT2_TRY(pt2__elementwise_check_number(exponent, pair->dtype));
  pt2__elementwise_kernel_t kernel = {0};
  if (is_simple(exponent, pair->dtype, &kernel)) {
    pt2__elementwise_run(&kernel, pair->inputs, 1, pair->dtype, result);
  } else {
    run_pair(pair, result);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__power_to_number(const pt2__pair_t* pair, double exponent,
                                  pt2_tensor_t** out_result) {
  pt2__elementwise_shape_t shape;
  PT2_TRY(pt2__elementwise_shape(pair->inputs, 1, pair->dtype, &shape));
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(pair->dtype, shape.rank, shape.sizes, shape.strides,
                            &result));
  pt2_status_t status = run_to_number(pair, exponent, result);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

static pt2_status_t power_to_number(const pt2_tensor_t* self, double exponent,
                                    pt2_tensor_t** out_result) {
  pt2__pair_t pair;
  PT2_TRY(pt2__pair_with_number(self, "self", exponent, false, &pair));
  pt2_status_t status = pt2__power_to_number(&pair, exponent, out_result);
  pt2__pair_release(&pair);
  return status;
}

// ---- A number as base -------------------------------------------------------

// torch makes this result row-major.
pt2_status_t pt2__power_of_number(double self, const pt2__pair_t* pair,
                                  pt2_tensor_t** out_result) {
  const pt2_tensor_t* exponent = pair->inputs[1];
  if (self != 1.0) {
    PT2_TRY(check_dtype(pair->dtype));
  }
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(pair->dtype, exponent->rank, exponent->sizes, NULL,
                            &result));
  if (self == 1.0) {
    pt2_status_t status = pt2__fill_number(result, 1.0);
    if (status != PT2_STATUS_OK) {
      pt2__tensor_release(result);
      return status;
    }
  } else {
    run_pair(pair, result);
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

static pt2_status_t number_to_power(double self, const pt2_tensor_t* exponent,
                                    pt2_tensor_t** out_result) {
  pt2__pair_t pair;
  PT2_TRY(pt2__pair_with_number(exponent, "exponent", self, true, &pair));
  pt2_status_t status = pt2__power_of_number(self, &pair, out_result);
  pt2__pair_release(&pair);
  return status;
}

AOTITorchError aoti_torch_cpu_pow_Tensor_Tensor(AtenTensorHandle self,
                                                AtenTensorHandle exponent,
                                                AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::pow", power(self, exponent, ret0));
}

AOTITorchError aoti_torch_cpu_pow_Tensor_Scalar(AtenTensorHandle self,
                                                double exponent,
                                                AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::pow", power_to_number(self, exponent, ret0));
}

AOTITorchError aoti_torch_cpu_pow_Scalar(double self, AtenTensorHandle exponent,
                                         AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::pow", number_to_power(self, exponent, ret0));
}
