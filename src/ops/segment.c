// SPDX-License-Identifier: Apache-2.0
#include "ops/segment.h"

#include <inttypes.h>
#include <string.h>

static pt2_status_t parse(const char* reduce, pt2__scatter_t* out_kind) {
  if (reduce != NULL && strcmp(reduce, "max") == 0) {
    *out_kind = PT2__SCATTER_MAX;
    return PT2_STATUS_OK;
  }
  if (reduce != NULL && strcmp(reduce, "min") == 0) {
    *out_kind = PT2__SCATTER_MIN;
    return PT2_STATUS_OK;
  }
  return pt2__scatter_parse(reduce, out_kind);
}

// |cuts| are the lengths or offsets, |name| says which.
static pt2_status_t check_cuts(const pt2__segment_args_t* args,
                               const pt2_tensor_t* cuts, const char* name,
                               int64_t axis) {
  const pt2_tensor_t* data = args->data;
  PT2_OP_CHECK_TENSOR(cuts, name);
  PT2_OP_CHECK(cuts->dtype == PT2_DTYPE_I64 || cuts->dtype == PT2_DTYPE_I32,
               "\"_segment_reduce_cpu\" not implemented for %s of '%s'", name,
               pt2__dtype_torch_name(cuts->dtype));
  PT2_OP_CHECK(cuts->rank > 0 && data->rank >= cuts->rank,
               "segment_reduce(): data has %d dimensions and %s %d",
               (int)data->rank, name, (int)cuts->rank);
  PT2_OP_CHECK(args->any_axis || axis == cuts->rank - 1,
               "segment_reduce(): Expected axis to be the last dimension of %s "
               "but got %" PRId64 ".",
               name, axis);
  for (int32_t d = 0; d + 1 < cuts->rank; ++d) {
    PT2_OP_CHECK(cuts->sizes[d] == data->sizes[d],
                 "segment_reduce(): %s have size %" PRId64
                 " in dimension %d, but data %" PRId64,
                 name, cuts->sizes[d], (int)d, data->sizes[d]);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_offset(const pt2__segments_t* segments,
                                 int64_t before, int64_t offset) {
  PT2_OP_CHECK(offset >= before && offset <= segments->length,
               "segment_reduce(): a segment from %" PRId64 " to %" PRId64
               " does not lie inside of the %" PRId64 " rows",
               before, offset, segments->length);
  return PT2_STATUS_OK;
}

static pt2_status_t from_lengths(const pt2__segment_args_t* args,
                                 const int64_t* lengths,
                                 pt2__segments_t* segments) {
  int64_t* to = segments->offsets;
  for (int64_t o = 0; o < segments->outer; ++o) {
    int64_t sum = 0;
    *to++ = 0;
    for (int64_t i = 0; i < segments->segments; ++i) {
      int64_t length = *lengths++;
      PT2_OP_CHECK(length >= 0,
                   "lengths contains negative value! (%" PRId64 ")", length);
      PT2_OP_CHECK(length <= segments->length - sum,
                   "segment_reduce(): Expected all rows of lengths along axis "
                   "to sum to data.size(lengths.dim()-1), %" PRId64
                   ", but there is more",
                   segments->length);
      sum += length;
      *to++ = sum;
    }
    PT2_OP_CHECK(args->unsafe || sum == segments->length,
                 "segment_reduce(): Expected all rows of lengths along axis to "
                 "sum to data.size(lengths.dim()-1) when !unsafe, but got "
                 "%" PRId64 " and %" PRId64,
                 sum, segments->length);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t from_offsets(const int64_t* offsets,
                                 pt2__segments_t* segments) {
  int64_t* to = segments->offsets;
  for (int64_t o = 0; o < segments->outer; ++o) {
    int64_t before = 0;
    for (int64_t i = 0; i <= segments->segments; ++i) {
      PT2_TRY(check_offset(segments, before, *offsets));
      before = *offsets++;
      *to++ = before;
    }
  }
  return PT2_STATUS_OK;
}

static int64_t offset_count(const pt2__segments_t* segments) {
  return segments->outer * (segments->segments + 1);
}

static pt2_status_t make_offsets(const pt2__segment_args_t* args,
                                 const pt2_tensor_t* cuts,
                                 pt2__segments_t* segments) {
  size_t bytes = sizeof(int64_t) * (size_t)offset_count(segments) + 1;
  segments->offsets = pt2__pool_alloc(bytes);
  if (segments->offsets == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  pt2_tensor_t* dense;
  pt2_status_t status = pt2__tensor_to_contiguous(cuts, PT2_DTYPE_I64, &dense);
  if (status == PT2_STATUS_OK) {
    status = args->offsets != NULL ? from_offsets(dense->data, segments)
                                   : from_lengths(args, dense->data, segments);
    pt2__tensor_release(dense);
  }
  if (status != PT2_STATUS_OK) {
    pt2__segments_free(segments);
  }
  return status;
}

pt2_status_t pt2__segments_resolve(const pt2__segment_args_t* args,
                                   pt2__segments_t* out_segments) {
  const pt2_tensor_t* data = args->data;
  const pt2_tensor_t* cuts =
      args->offsets != NULL ? args->offsets : args->lengths;
  const char* name = args->offsets != NULL ? "offsets" : "lengths";
  PT2_OP_CHECK_TENSOR(data, "data");
  int64_t axis;
  PT2_TRY(pt2__op_wrap_dim(args->axis, data->rank, &axis));
  PT2_OP_CHECK(cuts != NULL,
               "segment_reduce(): Either lengths or offsets must be defined.");
  pt2__segments_t segments = {.outer = 1, .inner = 1};
  PT2_TRY(parse(args->reduce, &segments.kind));
  PT2_TRY(check_cuts(args, cuts, name, axis));
  segments.axis = cuts->rank - 1;
  for (int64_t d = 0; d < data->rank; ++d) {
    segments.outer *= d < segments.axis ? data->sizes[d] : 1;
    segments.inner *= d > segments.axis ? data->sizes[d] : 1;
  }
  segments.length = data->sizes[segments.axis];
  segments.segments =
      cuts->sizes[segments.axis] - (args->offsets != NULL ? 1 : 0);
  PT2_OP_CHECK(segments.segments >= 0,
               "segment_reduce(): offsets may not be empty");
  PT2_OP_CHECK(args->offsets != NULL || args->unsafe || cuts->numel > 0,
               "segment_reduce(): lengths may not be empty");
  PT2_TRY(make_offsets(args, cuts, &segments));
  *out_segments = segments;
  return PT2_STATUS_OK;
}

void pt2__segments_free(pt2__segments_t* segments) {
  size_t bytes = sizeof(int64_t) * (size_t)offset_count(segments) + 1;
  pt2__pool_free(segments->offsets, bytes);
  segments->offsets = NULL;
}
