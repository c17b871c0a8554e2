// SPDX-License-Identifier: Apache-2.0
//
// aten::histogram.bin_ct, and that of given edges, which has no C function:
// models call it by name.
#include "backends/cpu/kernels/reduce/histogramdd.h"
#include "ops/boxed.h"

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

// (Tensor self, Tensor bins, *, Tensor? weight=None, bool density=False)
static pt2_status_t by_edges(const pt2__boxed_t* boxed,
                             pt2_tensor_t** results) {
  pt2_tensor_t *self, *bins, *weight;
  int64_t count;
  bool density = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "bins", &bins));
  PT2_TRY(pt2__boxed_optional_tensor(boxed, 2, "weight", &weight));
  PT2_TRY(pt2__boxed_bool(boxed, 3, "density", &density));
  const pt2_tensor_t* const edges[1] = {bins};
  PT2_TRY(pt2__histogramdd_check_edges(self, edges, 1, 1, &count));
  const pt2__histogramdd_args_t args = {.points = self->numel,
                                        .dims = 1,
                                        .bins = &count,
                                        .edges = edges,
                                        .weight = weight,
                                        .density = density};
  return pt2__histogramdd(self, &args, &results[0], &results[1]);
}

PT2_BOXED_OVERLOAD(histogram_bins_tensor, "aten::histogram.bins_tensor", 2,
                   by_edges)
