// SPDX-License-Identifier: Apache-2.0
//
// aten::binomial, by name.
#include "backends/cpu/random/draw.h"
#include "ops/boxed.h"
#include "ops/random.h"

// Row-major, of one dtype and the sizes of the result.
typedef struct {
  pt2_tensor_t *count, *prob;
} call_t;

#define DRAW(suffix, real)                                                   \
  static pt2_status_t draw_##suffix(const call_t* c, pt2_tensor_t* result) { \
    const real* count = c->count->data;                                      \
    const real* prob = c->prob->data;                                        \
    real* to = result->data;                                                 \
    for (int64_t i = 0; i < result->numel; ++i) {                            \
      PT2_OP_CHECK(count[i] == count[i],                                     \
                   "binomial expects counts that are numbers, got nan");     \
    }                                                                        \
    pt2__generator_t* generator = pt2__generator_acquire(NULL);              \
    for (int64_t i = 0; i < result->numel; ++i) {                            \
      to[i] = pt2__draw_binomial_##suffix(generator, count[i], prob[i]);     \
    }                                                                        \
    pt2__generator_release(generator);                                       \
    return PT2_STATUS_OK;                                                    \
  }
DRAW(f32, float)
DRAW(f64, double)

static pt2_status_t check(const pt2_tensor_t* count, const pt2_tensor_t* prob) {
  PT2_OP_CHECK(pt2__dtype_is_floating(count->dtype),
               "binomial only supports floating-point dtypes for count, got: "
               "%s",
               pt2__dtype_torch_name(count->dtype));
  PT2_OP_CHECK(pt2__dtype_is_floating(prob->dtype),
               "binomial only supports floating-point dtypes for prob, got: %s",
               pt2__dtype_torch_name(prob->dtype));
  PT2_OP_CHECK(count->dtype == PT2_DTYPE_F32 || count->dtype == PT2_DTYPE_F64,
               "\"binomial_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(count->dtype));
  PT2_OP_CHECK(prob->dtype == count->dtype,
               "Found dtype %s but expected %s: count and prob must be of one "
               "dtype",
               pt2__dtype_torch_name(prob->dtype),
               pt2__dtype_torch_name(count->dtype));
  return PT2_STATUS_OK;
}

static pt2_status_t fill(const pt2_tensor_t* count, const pt2_tensor_t* prob,
                         call_t* c, pt2_tensor_t* result) {
  PT2_TRY(pt2__tensor_contiguous(count, &c->count));
  PT2_TRY(pt2__tensor_empty(count->dtype, count->rank, count->sizes, NULL,
                            &c->prob));
  PT2_TRY(pt2__tensor_copy(c->prob, prob));
  return count->dtype == PT2_DTYPE_F64 ? draw_f64(c, result)
                                       : draw_f32(c, result);
}

// (Tensor count, Tensor prob, Generator? generator=None)
static pt2_status_t binomial(const pt2__boxed_t* boxed,
                             pt2_tensor_t** results) {
  pt2_tensor_t *count, *prob, *result;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "count", &count));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "prob", &prob));
  PT2_TRY(check(count, prob));
  PT2_TRY(pt2__tensor_empty(count->dtype, count->rank, count->sizes, NULL,
                            &result));
  call_t call = {NULL, NULL};
  pt2_status_t status = fill(count, prob, &call, result);
  pt2__tensor_release(call.count);
  pt2__tensor_release(call.prob);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  results[0] = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(binomial, 1, binomial)
