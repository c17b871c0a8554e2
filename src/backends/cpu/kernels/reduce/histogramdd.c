// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/reduce/histogramdd.h"

#include <inttypes.h>

#include "backends/cpu/kernels/reduce/histogram.h"

// The ends of dimension |d|: those asked for, the data's, or [0, 1].
static pt2_status_t range_of(const pt2_tensor_t* dense,
                             const pt2__histogramdd_args_t* args, int64_t d,
                             double* low, double* high) {
  *low = 0;
  *high = 1;
  if (args->range != NULL) {
    *low = args->range[2 * d];
    *high = args->range[2 * d + 1];
  } else if (dense->numel > 0) {
    const char* first = (const char*)dense->data +
                        d * (int64_t)pt2_dtype_size_bytes(dense->dtype);
    pt2__histogram_extremes(dense->dtype, first, args->points, args->dims, low,
                            high);
  }
  return pt2__histogram_check_range(d, 0.5, low, high);
}

static pt2_status_t make_edges(const pt2_tensor_t* dense,
                               const pt2__histogramdd_args_t* args,
                               pt2_tensor_t** edges) {
  for (int64_t d = 0; d < args->dims; ++d) {
    const int64_t size = args->bins[d] + 1;
    if (args->edges != NULL) {
      PT2_TRY(pt2__tensor_empty(dense->dtype, 1, &size, NULL, &edges[d]));
      PT2_TRY(pt2__tensor_copy(edges[d], args->edges[d]));
      continue;
    }
    double low, high;
    PT2_TRY(range_of(dense, args, d, &low, &high));
    PT2_TRY(pt2__tensor_empty(dense->dtype, 1, &size, NULL, &edges[d]));
    pt2__histogram_edges(dense->dtype, low, high, args->bins[d],
                         edges[d]->data);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t count(const pt2_tensor_t* dense,
                          const pt2__histogramdd_args_t* args,
                          pt2_tensor_t* const* edges, pt2_tensor_t* result) {
  const void* all_edges[PT2__HISTOGRAM_DIMS];
  for (int64_t d = 0; d < args->dims; ++d) {
    all_edges[d] = edges[d]->data;
  }
  pt2__histogram_t histogram = {.dtype = dense->dtype,
                                .points = args->points,
                                .dims = args->dims,
                                .bins = args->bins,
                                .edges = all_edges,
                                .by_edges = args->edges == NULL,
                                .any_width = args->edges != NULL,
                                .density = args->density};
  pt2_tensor_t* weight = NULL;
  if (args->weight != NULL) {
    PT2_TRY(pt2__tensor_contiguous(args->weight, &weight));
    // Of no points there may be no memory.
    histogram.weights = weight->numel > 0 ? weight->data : NULL;
  }
  pt2_status_t status =
      pt2__histogram_run(&histogram, dense->data, result->data);
  pt2__tensor_release(weight);
  return status;
}

static pt2_status_t count_with_edges(const pt2_tensor_t* dense,
                                     const pt2__histogramdd_args_t* args,
                                     pt2_tensor_t** edges,
                                     pt2_tensor_t** out_result) {
  PT2_TRY(make_edges(dense, args, edges));
  pt2_tensor_t* result;
  PT2_TRY(
      pt2__tensor_empty(dense->dtype, args->dims, args->bins, NULL, &result));
  // Without dimensions there is one bin, which no point is in.
  pt2_status_t status = PT2_STATUS_OK;
  if (args->dims == 0) {
    pt2__element_set_f64(dense->dtype, result->data, 0);
  } else {
    status = count(dense, args, edges, result);
  }
  if (status == PT2_STATUS_OK) {
    *out_result = result;
  } else {
    pt2__tensor_release(result);
  }
  return status;
}

// |args| but for bins and weights.
static pt2_status_t check_range(const pt2_tensor_t* self,
                                const pt2__histogramdd_args_t* args) {
  PT2_OP_CHECK(args->dims <= PT2__HISTOGRAM_DIMS,
               "torch.histogramdd: %" PRId64 " dimensions", args->dims);
  PT2_OP_CHECK(args->range == NULL || args->range_count == 2 * args->dims,
               "torch.histogramdd: for a %" PRId64
               "-dimensional histogram range should have %" PRId64
               " elements, but got %" PRId64,
               args->dims, 2 * args->dims, args->range_count);
  PT2_OP_CHECK(args->range != NULL || args->edges != NULL || self->numel == 0 ||
                   self->dtype == PT2_DTYPE_F32 || self->dtype == PT2_DTYPE_F64,
               "\"histogramdd\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__histogramdd_check_edges(const pt2_tensor_t* self,
                                          const pt2_tensor_t* const* edges,
                                          int64_t count, int64_t dims,
                                          int64_t* out_bins) {
  PT2_OP_CHECK(count == dims,
               "torch.histogramdd: expected %" PRId64
               " sequences of bin edges for a %" PRId64
               "-dimensional histogram but got %" PRId64,
               dims, dims, count);
  for (int64_t d = 0; d < dims; ++d) {
    PT2_OP_CHECK(edges[d] != NULL, "bins[%" PRId64 "] is None", d);
    PT2_OP_CHECK(edges[d]->dtype == self->dtype,
                 "torch.histogramdd: input tensor and bins tensors should have "
                 "the same dtype, but got input with dtype %s and bins for "
                 "dimension %" PRId64 " with dtype %s",
                 pt2__dtype_torch_name(self->dtype), d,
                 pt2__dtype_torch_name(edges[d]->dtype));
    PT2_OP_CHECK(
        edges[d]->rank == 1,
        "torch.histogramdd: bins tensor should have one dimension, but "
        "got %d dimensions in the bins tensor for dimension %" PRId64,
        edges[d]->rank, d);
    PT2_OP_CHECK(edges[d]->numel > 0,
                 "torch.histogramdd: bins tensor should have at least 1 "
                 "element, but got 0 elements in the bins tensor for dimension "
                 "%" PRId64,
                 d);
    out_bins[d] = edges[d]->numel - 1;
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__histogramdd(const pt2_tensor_t* self,
                              const pt2__histogramdd_args_t* args,
                              pt2_tensor_t** out_result,
                              pt2_tensor_t** out_edges) {
  PT2_TRY(pt2__histogram_check(self, args->points, args->dims, args->bins,
                               args->weight));
  PT2_TRY(check_range(self, args));
  pt2_tensor_t* edges[PT2__HISTOGRAM_DIMS] = {NULL};
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_contiguous(self, &dense));
  pt2_status_t status = count_with_edges(dense, args, edges, out_result);
  pt2__tensor_release(dense);
  for (int64_t d = 0; d < args->dims; ++d) {
    if (status == PT2_STATUS_OK && out_edges != NULL) {
      out_edges[d] = edges[d];
    } else {
      pt2__tensor_release(edges[d]);
    }
  }
  return status;
}

pt2_status_t pt2__histogramdd_edges(const pt2_tensor_t* self,
                                    const pt2__histogramdd_args_t* args,
                                    pt2_tensor_t** out_edges) {
  PT2_OP_CHECK(pt2__dtype_is_floating(self->dtype) &&
                   pt2_dtype_size_bytes(self->dtype) > 1,
               "\"histogramdd\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  PT2_TRY(check_range(self, args));
  for (int64_t d = 0; d < args->dims; ++d) {
    PT2_OP_CHECK(args->bins[d] >= 0 && args->bins[d] < INT64_MAX / 16,
                 "torch.histogramdd: %" PRId64 " bins for dimension %" PRId64,
                 args->bins[d], d);
  }
  pt2_tensor_t* edges[PT2__HISTOGRAM_DIMS] = {NULL};
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_contiguous(self, &dense));
  pt2_status_t status = make_edges(dense, args, edges);
  pt2__tensor_release(dense);
  for (int64_t d = 0; d < args->dims; ++d) {
    if (status == PT2_STATUS_OK) {
      out_edges[d] = edges[d];
    } else {
      pt2__tensor_release(edges[d]);
    }
  }
  return status;
}
