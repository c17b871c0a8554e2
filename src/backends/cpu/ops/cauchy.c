// SPDX-License-Identifier: Apache-2.0
//
// aten::cauchy, by name.
#include "backends/cpu/random/fill.h"
#include "ops/boxed.h"
#include "ops/random.h"

// (Tensor self, float median=0, float sigma=1, *, Generator? generator=None)
static pt2_status_t cauchy(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2_tensor_t* self;
  double median = 0, sigma = 1;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_number(boxed, 1, "median", &median, NULL));
  PT2_TRY(pt2__boxed_number(boxed, 2, "sigma", &sigma, NULL));
  PT2_OP_CHECK(sigma > 0, "cauchy_ expects sigma > 0.0, but found sigma=%g",
               sigma);
  PT2_TRY(pt2__random_check_floating(self, "cauchy_cpu", false));
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &results[0]));
  pt2__generator_t* generator = pt2__generator_acquire(NULL);
  pt2__fill_cauchy(generator, results[0], median, sigma);
  pt2__generator_release(generator);
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(cauchy, 1, cauchy)
