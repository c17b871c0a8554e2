// SPDX-License-Identifier: Apache-2.0
//
// aten::_histogramdd_bin_edges, by name.
#include "backends/cpu/kernels/reduce/histogramdd.h"
#include "ops/boxed.h"

// (Tensor self, int[] bins, *, float[]? range, Tensor? weight, bool density)
// -> Tensor[]: as many as the points have dimensions. Weight and density do not
// move an edge.
static pt2_status_t bin_edges(const pt2__boxed_t* boxed,
                              pt2_tensor_t** results) {
  pt2_tensor_t* self;
  pt2__histogramdd_args_t args = {.points = 1};
  int64_t bins;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_ints(boxed, 1, "bins", &args.bins, &bins));
  PT2_TRY(pt2__boxed_optional_floats(boxed, 2, "range", &args.range,
                                     &args.range_count));
  PT2_OP_CHECK(self->rank >= 2,
               "torch.histogramdd: input tensor should have at least 2 "
               "dimensions, but got %d",
               (int)self->rank);
  args.dims = self->sizes[self->rank - 1];
  PT2_OP_CHECK(bins == args.dims,
               "histogramdd: The size of bins must be equal to the innermost "
               "dimension of the input, but got %lld and %lld",
               (long long)bins, (long long)args.dims);
  PT2_OP_CHECK(boxed->result_count == (size_t)args.dims,
               "the model has room for %zu tensors of edges, the points have "
               "%lld dimensions",
               boxed->result_count, (long long)args.dims);
  for (int32_t d = 0; d + 1 < self->rank; ++d) {
    args.points *= self->sizes[d];
  }
  return pt2__histogramdd_edges(self, &args, results);
}

PT2_BOXED_OP(_histogramdd_bin_edges, PT2__BOXED_LIST, bin_edges)
