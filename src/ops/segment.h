// SPDX-License-Identifier: Apache-2.0
//
// segment_reduce on any device: which rows make which segment.
#ifndef PT2_SRC_OPS_SEGMENT_H_
#define PT2_SRC_OPS_SEGMENT_H_

#include "ops/scatter.h"

// Data is [outer, length, inner]; the dimension in the middle is cut into
// |segments| for each of |outer|.
typedef struct {
  pt2__scatter_t kind;
  int64_t axis;
  int64_t outer;
  int64_t length;
  int64_t inner;
  int64_t segments;
  // [outer, segments + 1], all inside of [0, length] and in order.
  int64_t* offsets;
} pt2__segments_t;

// What both operators are called with; |lengths| or |offsets| may be NULL.
typedef struct {
  const pt2_tensor_t* data;
  const char* reduce;  // "sum", "mean", "prod", "max", "amax", "min", "amin"
  const pt2_tensor_t* lengths;
  const pt2_tensor_t* offsets;
  int64_t axis;
  bool any_axis;  // the axis is the last of lengths or offsets whatever |axis|
  bool unsafe;    // lengths need not add up to the size
} pt2__segment_args_t;

// Fails as torch's checks do, and where torch reads out of bounds.
//
// Ownership: pt2__segments_free.
PT2_MUST_USE pt2_status_t pt2__segments_resolve(const pt2__segment_args_t* args,
                                                pt2__segments_t* out_segments);
void pt2__segments_free(pt2__segments_t* segments);

#endif  // PT2_SRC_OPS_SEGMENT_H_
