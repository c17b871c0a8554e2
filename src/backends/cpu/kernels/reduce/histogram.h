// SPDX-License-Identifier: Apache-2.0
//
// Counts points in bins of one width, or of any.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_HISTOGRAM_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_HISTOGRAM_H_

#include "ops/histogram.h"

typedef struct {
  int32_t dtype;   // of points, weights, edges and the histogram
  int64_t points;  // row-major, |dims| coordinates each
  int64_t dims;
  const int64_t* bins;
  const void* weights;  // NULL: one each
  // Edges of dimension d: |bins[d]| + 1 elements.
  const void* const* edges;
  // A point near an edge is put on that side of it which the edges say, not
  // their arithmetic.
  bool by_edges;
  bool any_width;  // the bin is searched among the edges
  bool density;    // divide by the sum and by the widths
} pt2__histogram_t;

// Writes |count| + 1 edges from |low| to |high| in |dtype|'s own arithmetic, as
// torch's linspace does.
void pt2__histogram_edges(int32_t dtype, double low, double high, int64_t count,
                          void* edges);

// Least and largest of |count| points' coordinates, NaN if there is one. The
// first is at |data|, the next |dims| elements behind.
void pt2__histogram_extremes(int32_t dtype, const void* data, int64_t count,
                             int64_t dims, double* out_low, double* out_high);

// Writes the row-major histogram; points outside of the edges do not count.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__histogram_run(const pt2__histogram_t* histogram,
                                             const void* data, void* result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_HISTOGRAM_H_
