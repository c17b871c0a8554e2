// SPDX-License-Identifier: Apache-2.0
#include "ops/concat.h"

#include "ops/elementwise.h"

bool pt2__concat_skips(const pt2_tensor_t* tensor) {
  return tensor->rank == 1 && tensor->numel == 0;
}

static pt2_status_t check_tensors(const pt2_tensor_t* const* tensors,
                                  int64_t count) {
  PT2_OP_CHECK(count > 0 && tensors != NULL,
               "torch.cat(): expected a non-empty list of Tensors");
  for (int64_t i = 0; i < count; ++i) {
    PT2_OP_CHECK_TENSOR(tensors[i], "an element of tensors");
    PT2_OP_CHECK(tensors[i]->rank > 0,
                 "zero-dimensional tensor (at position %lld) cannot be "
                 "concatenated",
                 (long long)i);
  }
  return PT2_STATUS_OK;
}

// The format that all tensors, those to be skipped too, have in common.
static int32_t common_format(const pt2_tensor_t* const* tensors,
                             int64_t count) {
  int32_t format = pt2__tensor_suggest_memory_format(tensors[0]);
  for (int64_t i = 1; i < count; ++i) {
    if (pt2__tensor_suggest_memory_format(tensors[i]) != format) {
      return PT2_MEMORY_FORMAT_CONTIGUOUS;
    }
  }
  return format;
}

static pt2_status_t check_same_sizes(const pt2_tensor_t* first,
                                     const pt2_tensor_t* other, int64_t dim,
                                     int64_t position) {
  PT2_OP_CHECK(first->rank == other->rank,
               "Tensors must have same number of dimensions: got %d and %d",
               (int)first->rank, (int)other->rank);
  for (int i = 0; i < first->rank; ++i) {
    PT2_OP_CHECK(i == dim || first->sizes[i] == other->sizes[i],
                 "Sizes of tensors must match except in dimension %lld. "
                 "Expected size %lld but got size %lld for tensor number %lld "
                 "in the list.",
                 (long long)dim, (long long)first->sizes[i],
                 (long long)other->sizes[i], (long long)position);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t add_sizes(const pt2_tensor_t* const* tensors, int64_t count,
                              const pt2_tensor_t* first,
                              pt2__concat_t* concat) {
  concat->rank = first->rank;
  for (int i = 0; i < first->rank; ++i) {
    concat->sizes[i] = first->sizes[i];
  }
  int64_t total = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (pt2__concat_skips(tensors[i])) {
      continue;
    }
    PT2_TRY(check_same_sizes(first, tensors[i], concat->dim, i));
    PT2_OP_CHECK(
        !__builtin_add_overflow(total, tensors[i]->sizes[concat->dim], &total),
        "the result's size is too large");
  }
  concat->sizes[concat->dim] = total;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__concat_resolve(const pt2_tensor_t* const* tensors,
                                 int64_t count, int64_t dim,
                                 pt2__concat_t* out_concat) {
  PT2_TRY(check_tensors(tensors, count));
  pt2__concat_t* concat = out_concat;
  pt2__promotion_t promotion = PT2__PROMOTION_NONE;
  const pt2_tensor_t* first = NULL;
  for (int64_t i = 0; i < count; ++i) {
    PT2_TRY(pt2__promotion_add(&promotion, tensors[i]));
    if (first == NULL && !pt2__concat_skips(tensors[i])) {
      first = tensors[i];
    }
  }
  PT2_TRY(pt2__promotion_result(&promotion, &concat->dtype));
  if (first == NULL) {
    // Nothing at all, along whatever dimension.
    concat->dim = 0;
    concat->rank = 1;
    concat->sizes[0] = 0;
    concat->strides[0] = 1;
    concat->channels_last = false;
    return PT2_STATUS_OK;
  }
  PT2_TRY(pt2__op_wrap_dim(dim, first->rank, &concat->dim));
  PT2_TRY(add_sizes(tensors, count, first, concat));
  concat->channels_last =
      common_format(tensors, count) != PT2_MEMORY_FORMAT_CONTIGUOUS;
  if (concat->channels_last) {
    pt2__sizes_channels_last_strides(concat->rank, concat->sizes,
                                     concat->strides);
  } else {
    pt2__sizes_contiguous_strides(concat->rank, concat->sizes, concat->strides);
  }
  return PT2_STATUS_OK;
}
