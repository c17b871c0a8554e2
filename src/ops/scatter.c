// SPDX-License-Identifier: Apache-2.0
#include "ops/scatter.h"

#include <inttypes.h>
#include <string.h>

pt2_status_t pt2__scatter_parse(const char* reduce, pt2__scatter_t* out_kind) {
  static const struct {
    const char* name;
    pt2__scatter_t kind;
  } known[] = {{"sum", PT2__SCATTER_SUM},
               {"prod", PT2__SCATTER_PRODUCT},
               {"mean", PT2__SCATTER_MEAN},
               {"amax", PT2__SCATTER_MAX},
               {"amin", PT2__SCATTER_MIN}};
  for (size_t i = 0; reduce != NULL && i < sizeof(known) / sizeof(known[0]);
       ++i) {
    if (strcmp(known[i].name, reduce) == 0) {
      *out_kind = known[i].kind;
      return PT2_STATUS_OK;
    }
  }
  return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                  "reduce argument must be either sum, prod, mean, amax or "
                  "amin, got %s",
                  reduce != NULL ? reduce : "NULL");
}

static int64_t size_at(const pt2_tensor_t* tensor, int64_t d) {
  return tensor->rank == 0 ? 1 : tensor->sizes[d];
}

static int64_t rank_of(const pt2_tensor_t* tensor) {
  return tensor->rank == 0 ? 1 : tensor->rank;
}

static pt2_status_t check_sizes(const pt2_tensor_t* self, int64_t dim,
                                const pt2_tensor_t* index,
                                const pt2_tensor_t* src) {
  bool fits = true;
  for (int64_t d = 0; d < rank_of(self); ++d) {
    int64_t size = size_at(index, d);
    fits = fits && (d == dim || size <= size_at(self, d));
    fits = fits && (src == NULL || size <= size_at(src, d));
  }
  if (!fits) {
    char index_text[128], self_text[128], src_text[128] = "a value";
    if (src != NULL) {
      pt2__sizes_format(src->rank, src->sizes, src_text, sizeof(src_text));
    }
    return PT2_FAIL(
        PT2_STATUS_INVALID_ARGUMENT,
        "Expected index %s to be no larger than self %s apart from dimension "
        "%" PRId64 " and to be no larger than src %s",
        pt2__sizes_format(index->rank, index->sizes, index_text,
                          sizeof(index_text)),
        pt2__sizes_format(self->rank, self->sizes, self_text,
                          sizeof(self_text)),
        dim, src_text);
  }
  return PT2_STATUS_OK;
}

// Whether all of |values| are from 0 to |size| - 1: the sign bit of none, and
// of no distance to the last, is set.
static bool all_inside(const int64_t* values, int64_t count, int64_t size) {
  uint64_t outside = 0;
  const uint64_t last = (uint64_t)size - 1;
  for (int64_t i = 0; i < count; ++i) {
    outside |= (uint64_t)values[i] | (last - (uint64_t)values[i]);
  }
  return outside >> 63 == 0;
}

pt2_status_t pt2__scatter_check_indices(const pt2_tensor_t* self, int64_t dim,
                                        const pt2_tensor_t* index) {
  if (index->numel == 0) {
    return PT2_STATUS_OK;
  }
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_to_contiguous(index, PT2_DTYPE_I64, &dense));
  int64_t size = size_at(self, dim);
  const int64_t* values = dense->data;
  pt2_status_t status = PT2_STATUS_OK;
  if (!all_inside(values, dense->numel, size)) {
    int64_t i = 0;
    while (values[i] >= 0 && values[i] < size) {
      ++i;
    }
    status =
        PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                 "index %" PRId64 " is out of bounds for dimension %" PRId64
                 " with size %" PRId64,
                 values[i], dim, size);
  }
  pt2__tensor_release(dense);
  return status;
}

static pt2_status_t check_out(const pt2_tensor_t* out,
                              const pt2_tensor_t* self) {
  PT2_OP_CHECK_TENSOR(out, "out");
  PT2_OP_CHECK(out->dtype == self->dtype, "out is %s, expected %s",
               pt2__dtype_torch_name(out->dtype),
               pt2__dtype_torch_name(self->dtype));
  PT2_OP_CHECK(out->rank == self->rank, "out has %d dimensions, expected %d",
               (int)out->rank, (int)self->rank);
  for (int32_t d = 0; d < self->rank; ++d) {
    PT2_OP_CHECK(out->sizes[d] == self->sizes[d],
                 "out dim %d: expected %" PRId64 ", got %" PRId64, (int)d,
                 self->sizes[d], out->sizes[d]);
  }
  PT2_OP_CHECK(!pt2__tensor_has_internal_overlap(out),
               "unsupported operation: more than one element of the written-to "
               "tensor refers to a single memory location");
  return PT2_STATUS_OK;
}

pt2_status_t pt2__scatter_check(const pt2_tensor_t* out,
                                const pt2_tensor_t* self, int64_t* dim,
                                const pt2_tensor_t* index,
                                const pt2_tensor_t* src) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK_TENSOR(index, "index");
  PT2_TRY(pt2__op_wrap_dim(*dim, self->rank, dim));
  PT2_TRY(check_out(out, self));
  if (src != NULL) {
    PT2_OP_CHECK_TENSOR(src, "src");
    PT2_OP_CHECK(src->dtype == self->dtype,
                 "Expected self.dtype to be equal to src.dtype, got %s and %s",
                 pt2__dtype_torch_name(self->dtype),
                 pt2__dtype_torch_name(src->dtype));
  }
  if (index->numel == 0) {
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK(index->dtype == PT2_DTYPE_I64 || index->dtype == PT2_DTYPE_I32,
               "Expected dtype int32/int64 for index, got %s",
               pt2__dtype_torch_name(index->dtype));
  PT2_OP_CHECK(rank_of(index) == rank_of(self),
               "Index tensor must have the same number of dimensions as self "
               "tensor: %d and %d",
               (int)index->rank, (int)self->rank);
  PT2_OP_CHECK(src == NULL || rank_of(index) == rank_of(src),
               "Index tensor must have the same number of dimensions as src "
               "tensor: %d and %d",
               (int)index->rank, (int)(src != NULL ? src->rank : 0));
  return check_sizes(self, *dim, index, src);
}

pt2_status_t pt2__gather_check(const pt2_tensor_t* self, int64_t* dim,
                               const pt2_tensor_t* index) {
  PT2_TRY(pt2__op_wrap_dim(*dim, self->rank, dim));
  if (index->numel == 0) {
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK(index->dtype == PT2_DTYPE_I64 || index->dtype == PT2_DTYPE_I32,
               "gather(): Expected dtype int32/int64 for index, got %s",
               pt2__dtype_torch_name(index->dtype));
  PT2_OP_CHECK(rank_of(index) == rank_of(self),
               "Index tensor must have the same number of dimensions as input "
               "tensor: %d and %d",
               (int)index->rank, (int)self->rank);
  return check_sizes(self, *dim, index, NULL);
}
