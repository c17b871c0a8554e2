// SPDX-License-Identifier: Apache-2.0
//
// aten::binomial, by name.
#include "backends/cpu/random/draw.h"
#include "ops/boxed.h"
#include "ops/random.h"

// DRAW: the innermost loop.
#define DRAW(suffix, real)                                               \
  static void draw_##suffix(pt2__generator_t* generator, int64_t length, \
                            const int64_t* steps, char* const* data) {   \
    for (int64_t i = 0; i < length; ++i) {                               \
      *(real*)(data[0] + i * steps[0]) = pt2__draw_binomial_##suffix(    \
          generator, *(const real*)(data[1] + i * steps[1]),             \
          *(const real*)(data[2] + i * steps[2]));                       \
    }                                                                    \
  }
DRAW(f32, float)
DRAW(f64, double)

// Row after row, in the order of the result's strides.
static void draw(pt2__generator_t* generator, const pt2_tensor_t* result,
                 const pt2_tensor_t* const* inputs) {
  pt2__elementwise_plan_t plan;
  pt2__elementwise_plan(result, inputs, 2, &plan);
  const int64_t steps[3] = {plan.strides[0][0], plan.strides[1][0],
                            plan.strides[2][0]};
  int64_t position[PT2__MAX_RANK] = {0};
  for (;;) {
    if (result->dtype == PT2_DTYPE_F64) {
      draw_f64(generator, plan.sizes[0], steps, plan.data);
    } else {
      draw_f32(generator, plan.sizes[0], steps, plan.data);
    }
    int d = 1;
    for (; d < plan.rank; ++d) {
      bool wraps = ++position[d] == plan.sizes[d];
      for (int i = 0; i < 3; ++i) {
        plan.data[i] += plan.strides[i][d] * (wraps ? 1 - plan.sizes[d] : 1);
      }
      if (!wraps) {
        break;
      }
      position[d] = 0;
    }
    if (d == plan.rank) {
      return;
    }
  }
}

static pt2_status_t check(const pt2_tensor_t* count, const pt2_tensor_t* prob) {
  PT2_OP_CHECK(pt2__dtype_is_floating(count->dtype),
               "binomial only supports floating-point dtypes for count, got: "
               "%s",
               pt2__dtype_torch_name(count->dtype));
  PT2_OP_CHECK(pt2__dtype_is_floating(prob->dtype),
               "binomial only supports floating-point dtypes for prob, got: %s",
               pt2__dtype_torch_name(prob->dtype));
  return PT2_STATUS_OK;
}

// torch adds up geometric numbers for ever where a count is NaN.
static pt2_status_t check_counts(const pt2_tensor_t* count) {
  pt2_tensor_t* numbers;
  PT2_TRY(pt2__tensor_to_contiguous(count, PT2_DTYPE_F64, &numbers));
  const double* values = numbers->data;
  bool good = true;
  for (int64_t i = 0; i < numbers->numel; ++i) {
    good &= values[i] == values[i];
  }
  pt2__tensor_release(numbers);
  PT2_OP_CHECK(good, "binomial expects counts that are numbers, got nan");
  return PT2_STATUS_OK;
}

// (Tensor count, Tensor prob, Generator? generator=None)
static pt2_status_t binomial(const pt2__boxed_t* boxed,
                             pt2_tensor_t** results) {
  pt2_tensor_t *count, *prob;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "count", &count));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "prob", &prob));
  PT2_TRY(check(count, prob));
  PT2_TRY(check_counts(count));
  const pt2_tensor_t* const inputs[2] = {count, prob};
  PT2_TRY(pt2__random_result(inputs, 2, "binomial_cpu", &results[0]));
  if (results[0]->numel > 0) {
    pt2__generator_t* generator = pt2__generator_acquire(NULL);
    draw(generator, results[0], inputs);
    pt2__generator_release(generator);
  }
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(binomial, 1, binomial)
