// SPDX-License-Identifier: Apache-2.0
//
// aten::log_normal, by name.
#include "backends/cpu/random/fill.h"
#include "ops/boxed.h"
#include "ops/random.h"

// (Tensor self, float mean=1, float std=2, *, Generator? generator=None)
static pt2_status_t log_normal(const pt2__boxed_t* boxed,
                               pt2_tensor_t** results) {
  pt2_tensor_t* self;
  double mean = 1, std = 2;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_number(boxed, 1, "mean", &mean, NULL));
  PT2_TRY(pt2__boxed_number(boxed, 2, "std", &std, NULL));
  PT2_OP_CHECK(std > 0, "log_normal_ expects std > 0.0, but found std=%g", std);
  PT2_TRY(pt2__random_check_floating(self, "log_normal_cpu", false));
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &results[0]));
  pt2__generator_t* generator = pt2__generator_acquire(NULL);
  pt2__fill_log_normal(generator, results[0], mean, std);
  pt2__generator_release(generator);
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(log_normal, 1, log_normal)
