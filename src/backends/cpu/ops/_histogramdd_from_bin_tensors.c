// SPDX-License-Identifier: Apache-2.0
//
// aten::_histogramdd_from_bin_tensors, by name.
#include "backends/cpu/kernels/reduce/histogramdd.h"
#include "ops/boxed.h"
#include "ops/histogram.h"

static pt2_status_t count_points(const pt2_tensor_t* self,
                                 const pt2_tensor_t* weight,
                                 int64_t* out_points) {
  *out_points = 1;
  for (int32_t d = 0; d + 1 < self->rank; ++d) {
    *out_points *= self->sizes[d];
    PT2_OP_CHECK(weight == NULL || (weight->rank == self->rank - 1 &&
                                    weight->sizes[d] == self->sizes[d]),
                 "torch.histogramdd: if weight tensor is provided it should "
                 "have the same shape as the input tensor excluding its "
                 "innermost dimension");
  }
  return PT2_STATUS_OK;
}

// (Tensor self, Tensor[] bins, *, Tensor? weight=None, bool density=False)
static pt2_status_t histogramdd(const pt2__boxed_t* boxed,
                                pt2_tensor_t** results) {
  pt2_tensor_t *self, *weight;
  pt2_tensor_t* const* edges;
  int64_t count, bins[PT2__HISTOGRAM_DIMS];
  pt2__histogramdd_args_t args = {.bins = bins};
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensors(boxed, 1, "bins", &edges, &count));
  PT2_TRY(pt2__boxed_optional_tensor(boxed, 2, "weight", &weight));
  PT2_TRY(pt2__boxed_bool(boxed, 3, "density", &args.density));
  PT2_OP_CHECK(self->rank >= 2,
               "torch.histogramdd: input tensor should have at least 2 "
               "dimensions, but got %d",
               (int)self->rank);
  args.dims = self->sizes[self->rank - 1];
  PT2_OP_CHECK(args.dims <= PT2__HISTOGRAM_DIMS,
               "torch.histogramdd: %lld dimensions", (long long)args.dims);
  args.edges = (const pt2_tensor_t* const*)edges;
  PT2_TRY(
      pt2__histogramdd_check_edges(self, args.edges, count, args.dims, bins));
  PT2_TRY(count_points(self, weight, &args.points));
  args.weight = weight;
  return pt2__histogramdd(self, &args, &results[0], NULL);
}

PT2_BOXED_OP(_histogramdd_from_bin_tensors, 1, histogramdd)
