// SPDX-License-Identifier: Apache-2.0
//
// aten::_sample_dirichlet, by name: gamma numbers by their sum.
#include <float.h>
#include <math.h>

#include "backends/cpu/random/draw.h"
#include "ops/boxed.h"
#include "ops/random.h"

// Rows of |width| gamma numbers become samples of |result|.
static void divide(const double* gammas, int64_t rows, int64_t width,
                   pt2_tensor_t* result) {
  bool in_double = result->dtype == PT2_DTYPE_F64;
  for (int64_t row = 0; row < rows; ++row, gammas += width) {
    double sum = 0;
    for (int64_t i = 0; i < width; ++i) {
      sum += gammas[i];
    }
    for (int64_t i = 0; i < width; ++i) {
      double share = gammas[i] / sum;
      if (in_double) {
        share = share > DBL_MIN ? share : DBL_MIN;
        ((double*)result->data)[row * width + i] =
            fmin(share, nextafter(1.0, 0.0));
      } else {
        float narrow = (float)share > FLT_MIN ? (float)share : FLT_MIN;
        ((float*)result->data)[row * width + i] =
            fminf(narrow, nextafterf(1.0f, 0.0f));
      }
    }
  }
}

// |gammas| holds the shapes before.
static pt2_status_t draw(pt2_tensor_t* gammas, pt2_tensor_t* result) {
  PT2_TRY(pt2__random_check_gamma(gammas));
  double* values = gammas->data;
  pt2__generator_t* generator = pt2__generator_acquire(NULL);
  for (int64_t i = 0; i < gammas->numel; ++i) {
    double sample = pt2__draw_gamma_f64(generator, values[i]);
    values[i] = sample > DBL_MIN ? sample : DBL_MIN;
  }
  pt2__generator_release(generator);
  if (gammas->numel > 0) {
    int64_t width = gammas->rank > 0 ? gammas->sizes[gammas->rank - 1] : 1;
    divide(values, gammas->numel / width, width, result);
  }
  return PT2_STATUS_OK;
}

// (Tensor self, Generator? generator=None)
static pt2_status_t dirichlet(const pt2__boxed_t* boxed,
                              pt2_tensor_t** results) {
  pt2_tensor_t *self, *gammas, *result;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_OP_CHECK(self->dtype == PT2_DTYPE_F32 || self->dtype == PT2_DTYPE_F64,
               "\"dirichlet\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  PT2_TRY(
      pt2__tensor_empty(self->dtype, self->rank, self->sizes, NULL, &result));
  pt2_status_t status =
      pt2__tensor_empty(PT2_DTYPE_F64, self->rank, self->sizes, NULL, &gammas);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(gammas, self);
    if (status == PT2_STATUS_OK) {
      status = draw(gammas, result);
    }
    pt2__tensor_release(gammas);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  results[0] = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(_sample_dirichlet, 1, dirichlet)
