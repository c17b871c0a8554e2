// SPDX-License-Identifier: Apache-2.0
//
// aten::_histogramdd_from_bin_cts.
#include "backends/cpu/kernels/reduce/histogramdd.h"

static pt2_status_t histogramdd(const pt2_tensor_t* self, const int64_t* bins,
                                int64_t bins_count, const double** range,
                                int64_t range_count,
                                const AtenTensorHandle* weight, bool density,
                                AtenTensorHandle* ret0) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(self->rank >= 2,
               "torch.histogramdd: input tensor should have at least 2 "
               "dimensions, but got %d",
               (int)self->rank);
  int64_t dims = self->sizes[self->rank - 1];
  PT2_OP_CHECK(bins_count == dims,
               "histogramdd: The size of bins must be equal to the innermost "
               "dimension of the input, but got %lld and %lld",
               (long long)bins_count, (long long)dims);
  const pt2_tensor_t* weights = weight != NULL ? *weight : NULL;
  int64_t points = 1;
  for (int32_t d = 0; d + 1 < self->rank; ++d) {
    points *= self->sizes[d];
    PT2_OP_CHECK(weights == NULL || (weights->rank == self->rank - 1 &&
                                     weights->sizes[d] == self->sizes[d]),
                 "torch.histogramdd: if weight tensor is provided it should "
                 "have the same shape as the input tensor excluding its "
                 "innermost dimension");
  }
  const pt2__histogramdd_args_t args = {.points = points,
                                        .dims = dims,
                                        .bins = bins,
                                        .range = range != NULL ? *range : NULL,
                                        .range_count = range_count,
                                        .weight = weights,
                                        .density = density};
  return pt2__histogramdd(self, &args, ret0, NULL);
}

AOTITorchError aoti_torch_cpu__histogramdd_from_bin_cts(
    AtenTensorHandle self, const int64_t* bins, int64_t bins_len,
    const double** range, int64_t range_len, AtenTensorHandle* weight,
    int32_t density, AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::_histogramdd_from_bin_cts",
                histogramdd(self, bins, bins_len, range, range_len, weight,
                            density != 0, ret0));
}
