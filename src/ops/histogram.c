// SPDX-License-Identifier: Apache-2.0
#include "ops/histogram.h"

#include <inttypes.h>
#include <math.h>

pt2_status_t pt2__histogram_check(const pt2_tensor_t* self, int64_t points,
                                  int64_t dims, const int64_t* bins,
                                  const pt2_tensor_t* weight) {
  PT2_OP_CHECK(self->dtype == PT2_DTYPE_F16 || self->dtype == PT2_DTYPE_BF16 ||
                   self->dtype == PT2_DTYPE_F32 || self->dtype == PT2_DTYPE_F64,
               "\"histogram_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  for (int64_t d = 0; d < dims; ++d) {
    PT2_OP_CHECK(bins[d] > 0,
                 "torch.histogram(): bins must be > 0, but got %" PRId64
                 " for dimension %" PRId64,
                 bins[d], d);
    PT2_OP_CHECK(bins[d] < INT64_MAX / 16,
                 "torch.histogram(): %" PRId64 " bins are too many", bins[d]);
  }
  if (weight == NULL) {
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK_TENSOR(weight, "weight");
  PT2_OP_CHECK(weight->dtype == self->dtype,
               "torch.histogramdd: if weight tensor is provided, input tensor "
               "and weight tensor should have the same dtype, but got input %s "
               "and weight %s",
               pt2__dtype_torch_name(self->dtype),
               pt2__dtype_torch_name(weight->dtype));
  PT2_OP_CHECK(weight->numel == points,
               "torch.histogramdd: if weight tensor is provided it should have "
               "the same shape as the input tensor excluding its innermost "
               "dimension, but got %" PRId64 " weights for %" PRId64 " points",
               weight->numel, points);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__histogram_check_range(int64_t dim, double margin, double* low,
                                        double* high) {
  PT2_OP_CHECK(isfinite(*low) && isfinite(*high),
               "torch.histogram: dimension %" PRId64
               "'s range of [%g, %g] is not finite",
               dim, *low, *high);
  PT2_OP_CHECK(*low <= *high,
               "torch.histogram: max must be larger than min, but got min %g "
               "max %g for dimension %" PRId64,
               *low, *high, dim);
  if (*low == *high) {
    *low -= margin;
    *high += margin;
  }
  return PT2_STATUS_OK;
}
