// SPDX-License-Identifier: Apache-2.0
//
// aten::normal of tensors and of numbers, by name.
#include <string.h>

#include "backends/cpu/kernels/elementwise/arithmetic.h"
#include "backends/cpu/random/fill.h"
#include "ops/arithmetic.h"
#include "ops/boxed.h"
#include "ops/factory.h"
#include "ops/random.h"

// Fills |result|; the parts of a complex number share the variance.
static pt2_status_t fill(pt2_tensor_t* result, double mean, double std) {
  pt2_tensor_t* parts;
  PT2_TRY(pt2__random_real_view(result, &parts));
  pt2__generator_t* generator = pt2__generator_acquire(NULL);
  pt2__fill_normal(
      generator, parts, mean,
      pt2__dtype_is_complex(result->dtype) ? std * 0.7071067811865475 : std);
  pt2__generator_release(generator);
  pt2__tensor_release(parts);
  return PT2_STATUS_OK;
}

// result += |mean|, of the same dtype.
static pt2_status_t add(pt2_tensor_t* result, const pt2_tensor_t* mean) {
  const double alpha = 1;
  pt2__elementwise_kernel_t kernel = {.context = &alpha};
  PT2_OP_CHECK(
      pt2__arithmetic_kernel(PT2__ARITHMETIC_ADD, result->dtype, &kernel),
      "\"add\" not implemented for '%s'", pt2__dtype_torch_name(result->dtype));
  const pt2_tensor_t* const inputs[2] = {result, mean};
  pt2__elementwise_run(&kernel, inputs, 2, result->dtype, result);
  return PT2_STATUS_OK;
}

// result *= |std|, in the dtype that they are promoted to.
static pt2_status_t multiply(pt2_tensor_t* result, const pt2_tensor_t* std) {
  pt2__pair_t pair;
  PT2_TRY(pt2__pair_of_tensors(result, "mean", std, "std", &pair));
  pt2__elementwise_kernel_t kernel = {0};
  float factor = 0;
  // PyTorch does not round a single number to f16 or bf16 first.
  bool scales = std->numel == 1 &&
                (pair.dtype == PT2_DTYPE_F16 || pair.dtype == PT2_DTYPE_BF16);
  if (scales) {
    factor = (float)pt2__element_get_f64(std->dtype, std->data);
    kernel.context = &factor;
  }
  PT2_OP_CHECK(pt2__arithmetic_kernel(
                   scales ? PT2__ARITHMETIC_SCALE : PT2__ARITHMETIC_MUL,
                   pair.dtype, &kernel),
               "\"mul_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(pair.dtype));
  pt2__elementwise_run(&kernel, pair.inputs, scales ? 1 : 2, pair.dtype,
                       result);
  return PT2_STATUS_OK;
}

static pt2_status_t check_std(const pt2_tensor_t* std) {
  PT2_OP_CHECK(!pt2__dtype_is_complex(std->dtype),
               "normal expects standard deviation to be non-complex");
  if (std->numel == 0) {
    return PT2_STATUS_OK;
  }
  pt2_tensor_t* numbers;
  PT2_TRY(
      pt2__tensor_empty(PT2_DTYPE_F64, std->rank, std->sizes, NULL, &numbers));
  pt2_status_t status = pt2__tensor_copy(numbers, std);
  bool good = status == PT2_STATUS_OK;
  for (int64_t i = 0; good && i < numbers->numel; ++i) {
    good = ((const double*)numbers->data)[i] >= 0;
  }
  pt2__tensor_release(numbers);
  PT2_TRY(status);
  PT2_OP_CHECK(good, "normal expects all elements of std >= 0.0");
  return PT2_STATUS_OK;
}

// ---- Tensor, float ---------------------------------------------------------

static pt2_status_t by_means(const pt2__boxed_t* boxed,
                             pt2_tensor_t** results) {
  pt2_tensor_t *mean, *result;
  double std = 1;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "mean", &mean));
  PT2_TRY(pt2__boxed_number(boxed, 1, "std", &std, NULL));
  PT2_TRY(pt2__random_check_normal(std));
  PT2_TRY(pt2__random_check_floating(mean, "normal_kernel_cpu", true));
  PT2_TRY(
      pt2__tensor_empty(mean->dtype, mean->rank, mean->sizes, NULL, &result));
  pt2_status_t status = fill(result, 0, std);
  if (status == PT2_STATUS_OK) {
    status = add(result, mean);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  results[0] = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OVERLOAD(normal_tensor_float, "aten::normal.Tensor_float", 1,
                   by_means)

// ---- float, Tensor ---------------------------------------------------------

static pt2_status_t scale_and_shift(pt2_tensor_t* result,
                                    const pt2_tensor_t* std, double mean) {
  PT2_TRY(fill(result, 0, 1));
  PT2_TRY(multiply(result, std));
  pt2_tensor_t* number;
  PT2_TRY(pt2__tensor_empty(result->dtype, 0, NULL, NULL, &number));
  pt2__element_set_f64(result->dtype, number->data, mean);
  pt2_status_t status = add(result, number);
  pt2__tensor_release(number);
  return status;
}

static pt2_status_t by_deviations(const pt2__boxed_t* boxed,
                                  pt2_tensor_t** results) {
  pt2_tensor_t *std, *result;
  double mean = 0;
  bool given;
  PT2_TRY(pt2__boxed_number(boxed, 0, "mean", &mean, &given));
  PT2_OP_CHECK(given, "argument mean: expected a number, got None");
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "std", &std));
  PT2_TRY(check_std(std));
  PT2_TRY(pt2__random_check_floating(std, "normal_kernel_cpu", false));
  PT2_TRY(pt2__tensor_empty(std->dtype, std->rank, std->sizes, NULL, &result));
  pt2_status_t status = scale_and_shift(result, std, mean);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  results[0] = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OVERLOAD(normal_float_tensor, "aten::normal.float_Tensor", 1,
                   by_deviations)

// ---- Tensor, Tensor --------------------------------------------------------

static pt2_status_t by_both(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2_tensor_t *mean, *std, *result;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "mean", &mean));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "std", &std));
  PT2_TRY(check_std(std));
  PT2_TRY(pt2__random_check_floating(mean, "normal_kernel_cpu", true));
  pt2__elementwise_shape_t shape = {.rank = 0};
  PT2_TRY(pt2__elementwise_broadcast(mean->rank, mean->sizes, &shape));
  PT2_TRY(pt2__elementwise_broadcast(std->rank, std->sizes, &shape));
  PT2_TRY(
      pt2__tensor_empty(mean->dtype, shape.rank, shape.sizes, NULL, &result));
  pt2_status_t status = fill(result, 0, 1);
  if (status == PT2_STATUS_OK) {
    status = multiply(result, std);
  }
  if (status == PT2_STATUS_OK) {
    status = add(result, mean);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  results[0] = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OVERLOAD(normal_tensor_tensor, "aten::normal.Tensor_Tensor", 1,
                   by_both)

// ---- float, float ----------------------------------------------------------

static pt2_status_t by_numbers(const pt2__boxed_t* boxed,
                               pt2_tensor_t** results) {
  double mean = 0, std = 1;
  bool has_mean, has_std;
  const int64_t* sizes;
  int64_t rank, number = PT2_DTYPE_F32;
  PT2_TRY(pt2__boxed_number(boxed, 0, "mean", &mean, &has_mean));
  PT2_TRY(pt2__boxed_number(boxed, 1, "std", &std, &has_std));
  PT2_OP_CHECK(has_mean && has_std,
               "arguments mean and std: expected numbers, got None");
  PT2_TRY(pt2__boxed_ints(boxed, 2, "size", &sizes, &rank));
  PT2_TRY(pt2__boxed_enum(boxed, 4, "dtype", PT2_VALUE_DTYPE, &number, NULL));
  PT2_TRY(pt2__random_check_normal(std));
  int32_t dtype = (int32_t)number;
  const pt2__factory_options_t options = {.dtype = &dtype};
  pt2_tensor_t* result;
  PT2_TRY(pt2__factory_empty(sizes, rank, &options, PT2_DTYPE_F32, &result));
  pt2_status_t status =
      pt2__random_check_floating(result, "normal_kernel_cpu", true);
  if (status == PT2_STATUS_OK) {
    status = fill(result, mean, std);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  results[0] = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OVERLOAD(normal_float_float, "aten::normal.float_float", 1,
                   by_numbers)
