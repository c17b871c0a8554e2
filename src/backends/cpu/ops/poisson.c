// SPDX-License-Identifier: Apache-2.0
//
// aten::poisson, by name.
#include "backends/cpu/random/draw.h"
#include "ops/boxed.h"
#include "ops/random.h"

static pt2_status_t draw(const pt2_tensor_t* rates, pt2_tensor_t* result) {
  const double* rate = rates->data;
  for (int64_t i = 0; i < rates->numel; ++i) {
    PT2_OP_CHECK(rate[i] >= 0,
                 "invalid Poisson rate, expected rate to be non-negative, got "
                 "%g",
                 rate[i]);
  }
  size_t bytes = pt2_dtype_size_bytes(result->dtype);
  char* to = result->data;
  pt2__generator_t* generator = pt2__generator_acquire(NULL);
  for (int64_t i = 0; i < rates->numel; ++i, to += bytes) {
    double sample = pt2__draw_poisson(generator, rate[i]);
    if (result->dtype == PT2_DTYPE_F32) {
      *(float*)to = (float)sample;
    } else {
      pt2__element_set_f64(result->dtype, to, sample);
    }
  }
  pt2__generator_release(generator);
  return PT2_STATUS_OK;
}

// (Tensor self, Generator? generator=None)
static pt2_status_t poisson(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2_tensor_t *self, *rates, *result;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__random_check_floating(self, "poisson_cpu", false));
  PT2_TRY(pt2__tensor_to_contiguous(self, PT2_DTYPE_F64, &rates));
  pt2_status_t status =
      pt2__tensor_empty(self->dtype, self->rank, self->sizes, NULL, &result);
  if (status == PT2_STATUS_OK) {
    status = draw(rates, result);
    if (status == PT2_STATUS_OK) {
      results[0] = result;
    } else {
      pt2__tensor_release(result);
    }
  }
  pt2__tensor_release(rates);
  return status;
}

PT2_BOXED_OP(poisson, 1, poisson)
