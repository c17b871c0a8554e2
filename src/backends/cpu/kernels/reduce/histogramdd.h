// SPDX-License-Identifier: Apache-2.0
//
// aten::histogram and its form for points of several dimensions.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_HISTOGRAMDD_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_HISTOGRAMDD_H_

#include "ops/op.h"

typedef struct {
  int64_t points;
  int64_t dims;
  const int64_t* bins;  // |dims| of them
  const double* range;  // NULL: the data's
  int64_t range_count;
  const pt2_tensor_t* const* edges;  // |dims| of them; NULL: of one width
  const pt2_tensor_t* weight;        // NULL: one each
  bool density;
} pt2__histogramdd_args_t;

// Counts |self|'s points, row-major [points, dims]. |out_edges| (|dims| of
// them) may be NULL.
PT2_MUST_USE pt2_status_t pt2__histogramdd(const pt2_tensor_t* self,
                                           const pt2__histogramdd_args_t* args,
                                           pt2_tensor_t** out_result,
                                           pt2_tensor_t** out_edges);

// Only the edges, |dims| new tensors. Weights do not count; a dimension without
// bins has one edge.
PT2_MUST_USE pt2_status_t pt2__histogramdd_edges(
    const pt2_tensor_t* self, const pt2__histogramdd_args_t* args,
    pt2_tensor_t** out_edges);

// Fails unless |edges| are those of |dims| dimensions for |self|'s points;
// writes the number of bins of each, for which there is room.
PT2_MUST_USE pt2_status_t pt2__histogramdd_check_edges(
    const pt2_tensor_t* self, const pt2_tensor_t* const* edges, int64_t count,
    int64_t dims, int64_t* out_bins);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_HISTOGRAMDD_H_
