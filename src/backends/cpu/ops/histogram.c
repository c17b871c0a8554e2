// SPDX-License-Identifier: Apache-2.0
//
// aten::histogram.bin_ct.
#include "backends/cpu/kernels/histogramdd.h"

static pt2_status_t histogram(const pt2_tensor_t* self, int64_t bins,
                              const double** range, int64_t range_count,
                              const AtenTensorHandle* weight, bool density,
                              AtenTensorHandle* ret0, AtenTensorHandle* ret1) {
  PT2_OP_CHECK_TENSOR(self, "self");
  const pt2__histogramdd_args_t args = {
      .points = self->numel,
      .dims = 1,
      .bins = &bins,
      .range = range != NULL ? *range : NULL,
      .range_count = range_count,
      .weight = weight != NULL ? *weight : NULL,
      .density = density};
  return pt2__histogramdd(self, &args, ret0, ret1);
}

AOTITorchError aoti_torch_cpu_histogram_bin_ct(
    AtenTensorHandle self, int64_t bins, const double** range,
    int64_t range_len, AtenTensorHandle* weight, int32_t density,
    AtenTensorHandle* ret0, AtenTensorHandle* ret1) {
  PT2_OP_RETURN("aten::histogram.bin_ct",
                histogram(self, bins, range, range_len, weight, density != 0,
                          ret0, ret1));
}
