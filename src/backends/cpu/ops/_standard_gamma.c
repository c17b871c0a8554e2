// SPDX-License-Identifier: Apache-2.0
//
// aten::_standard_gamma, by name.
#include <float.h>

#include "backends/cpu/random/draw.h"
#include "ops/boxed.h"
#include "ops/random.h"

// A sample is never 0: torch divides by it.
static pt2_status_t draw(const pt2_tensor_t* shapes, pt2_tensor_t* result) {
  PT2_TRY(pt2__random_check_gamma(shapes));
  pt2__generator_t* generator = pt2__generator_acquire(NULL);
  if (shapes->dtype == PT2_DTYPE_F64) {
    const double* from = shapes->data;
    double* to = result->data;
    for (int64_t i = 0; i < shapes->numel; ++i) {
      double sample = pt2__draw_gamma_f64(generator, from[i]);
      to[i] = sample > DBL_MIN ? sample : DBL_MIN;
    }
  } else {
    const float* from = shapes->data;
    float* to = result->data;
    for (int64_t i = 0; i < shapes->numel; ++i) {
      float sample = pt2__draw_gamma_f32(generator, from[i]);
      to[i] = sample > FLT_MIN ? sample : FLT_MIN;
    }
  }
  pt2__generator_release(generator);
  return PT2_STATUS_OK;
}

// (Tensor self, Generator? generator=None)
static pt2_status_t gamma_of(const pt2__boxed_t* boxed,
                             pt2_tensor_t** results) {
  pt2_tensor_t *self, *shapes, *result;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_OP_CHECK(self->dtype == PT2_DTYPE_F32 || self->dtype == PT2_DTYPE_F64,
               "\"gamma_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  PT2_TRY(pt2__tensor_contiguous(self, &shapes));
  pt2_status_t status =
      pt2__tensor_empty(self->dtype, self->rank, self->sizes, NULL, &result);
  if (status == PT2_STATUS_OK) {
    status = draw(shapes, result);
    if (status == PT2_STATUS_OK) {
      results[0] = result;
    } else {
      pt2__tensor_release(result);
    }
  }
  pt2__tensor_release(shapes);
  return status;
}

PT2_BOXED_OP(_standard_gamma, 1, gamma_of)
