// SPDX-License-Identifier: Apache-2.0
//
// aten::split.Tensor, aten::split_with_sizes and what copies its parts, by
// name: models call them for complex tensors.
#include "ops/boxed.h"
#include "ops/view.h"

static pt2_status_t check_room(const pt2__boxed_t* boxed, int64_t count) {
  PT2_OP_CHECK(boxed->result_count == (size_t)count,
               "the model has room for %zu parts, there are %lld",
               boxed->result_count, (long long)count);
  return PT2_STATUS_OK;
}

// Parts of |size| places, the last one of what is left; of nothing one part.
static pt2_status_t split_evenly(const pt2__boxed_t* boxed,
                                 const pt2_tensor_t* self, int64_t size,
                                 int64_t dim, pt2_tensor_t** out_views) {
  int64_t whole = self->sizes[dim];
  int64_t count = whole == 0 ? 1 : (whole - 1) / size + 1;
  PT2_TRY(check_room(boxed, count));
  const size_t bytes = (size_t)count * sizeof(int64_t);
  int64_t* sizes = pt2__pool_alloc(bytes);
  if (sizes == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  for (int64_t i = 0; i < count; ++i) {
    sizes[i] = i + 1 < count ? size : whole - i * size;
  }
  pt2_status_t status = pt2__view_split(self, dim, sizes, count, out_views);
  pt2__pool_free(sizes, bytes);
  return status;
}

// (Tensor self, SymInt split_size, int dim)
static pt2_status_t split(const pt2__boxed_t* boxed, pt2_tensor_t** out_views) {
  pt2_tensor_t* self;
  int64_t size, dim = 0;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_int(boxed, 1, "split_size", &size));
  PT2_TRY(pt2__boxed_optional_int(boxed, 2, "dim", &dim, NULL));
  PT2_OP_CHECK(self->rank > 0, "split expects at least a 1-dimensional tensor");
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  PT2_OP_CHECK(size >= 0,
               "split expects split_size be non-negative, but got "
               "split_size=%lld",
               (long long)size);
  PT2_OP_CHECK(size > 0 || self->sizes[dim] == 0,
               "split_size can only be 0 if dimension size is 0, but got "
               "dimension size of %lld",
               (long long)self->sizes[dim]);
  return split_evenly(boxed, self, size, dim, out_views);
}

PT2_BOXED_OVERLOAD(split_Tensor, "aten::split.Tensor", PT2__BOXED_LIST, split)

// (Tensor self, SymInt[] split_sizes, int dim)
static pt2_status_t split_with_sizes(const pt2__boxed_t* boxed,
                                     pt2_tensor_t** out_views) {
  pt2_tensor_t* self;
  const int64_t* sizes;
  int64_t count, dim = 0;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_ints(boxed, 1, "split_sizes", &sizes, &count));
  PT2_TRY(pt2__boxed_optional_int(boxed, 2, "dim", &dim, NULL));
  PT2_TRY(check_room(boxed, count));
  return pt2__view_split(self, dim, sizes, count, out_views);
}

PT2_BOXED_OP(split_with_sizes, PT2__BOXED_LIST, split_with_sizes)
