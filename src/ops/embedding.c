// SPDX-License-Identifier: Apache-2.0
#include "ops/embedding.h"

#include <inttypes.h>

static bool is_index_dtype(int32_t dtype) {
  return dtype == PT2_DTYPE_I64 || dtype == PT2_DTYPE_I32;
}

pt2_status_t pt2__embedding_check_indices(const pt2_tensor_t* tensor,
                                          const char* name) {
  PT2_OP_CHECK_TENSOR(tensor, name);
  PT2_OP_CHECK(is_index_dtype(tensor->dtype),
               "%s is %s, expected one of Long, Int", name,
               pt2__dtype_torch_name(tensor->dtype));
  PT2_OP_CHECK(tensor->rank == 1, "%s has %d dimensions, expected 1", name,
               (int)tensor->rank);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__embedding_check_matrix(const pt2_tensor_t* tensor,
                                         const char* name) {
  PT2_OP_CHECK_TENSOR(tensor, name);
  int32_t dtype = tensor->dtype;
  PT2_OP_CHECK(dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64 ||
                   dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16,
               "%s is %s, expected one of Half, BFloat16, Float, Double", name,
               pt2__dtype_torch_name(dtype));
  PT2_OP_CHECK(tensor->rank == 2, "%s has %d dimensions, expected 2", name,
               (int)tensor->rank);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__embedding_read_indices(const pt2_tensor_t* tensor,
                                         const char* name, int64_t below,
                                         pt2_tensor_t** out_indices) {
  pt2_tensor_t* read;
  PT2_TRY(pt2__tensor_to_contiguous(tensor, PT2_DTYPE_I64, &read));
  const int64_t* values = read->data;
  for (int64_t i = 0; i < read->numel; ++i) {
    if (values[i] < 0 || values[i] >= below) {
      int64_t value = values[i];
      pt2__tensor_release(read);
      return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                      "%s: index %" PRId64 " takes the value %" PRId64
                      ", which is not in the valid range [0, %" PRId64 ")",
                      name, i, value, below);
    }
  }
  *out_indices = read;
  return PT2_STATUS_OK;
}

// Counts |offsets| up into the bag of each index.
static pt2_status_t fill_bags(const int64_t* offsets, int64_t offset_count,
                              int64_t count, int64_t* bags) {
  PT2_OP_CHECK(count == 0 || (offset_count > 0 && offsets[0] == 0),
               "offsets[0] has to be 0");
  int64_t bag = 0;
  for (int64_t i = 1; i < offset_count; ++i) {
    PT2_OP_CHECK(offsets[i] >= offsets[i - 1] && offsets[i] <= count,
                 "offsets[%" PRId64 "] is %" PRId64 ", expected %" PRId64
                 " to %" PRId64,
                 i, offsets[i], offsets[i - 1], count);
  }
  for (int64_t i = 0; i < count; ++i) {
    while (bag + 1 < offset_count && offsets[bag + 1] <= i) {
      ++bag;
    }
    bags[i] = bag;
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__embedding_find_bags(const pt2_tensor_t* offsets,
                                      int64_t count, pt2_tensor_t** out_bags) {
  pt2_tensor_t *read, *bags;
  PT2_TRY(pt2__tensor_to_contiguous(offsets, PT2_DTYPE_I64, &read));
  pt2_status_t status =
      pt2__tensor_empty(PT2_DTYPE_I64, 1, &count, NULL, &bags);
  if (status == PT2_STATUS_OK) {
    status = fill_bags(read->data, read->numel, count, bags->data);
    if (status == PT2_STATUS_OK) {
      *out_bags = bags;
    } else {
      pt2__tensor_release(bags);
    }
  }
  pt2__tensor_release(read);
  return status;
}

static pt2_status_t check_max(const pt2__bag_gradient_t* g) {
  PT2_OP_CHECK_TENSOR(g->max_indices, "maximum_indices");
  int64_t bags = g->gradient->sizes[0], width = g->gradient->sizes[1];
  PT2_OP_CHECK(
      g->max_indices->rank == 2 && g->max_indices->sizes[0] == bags &&
          g->max_indices->sizes[1] == width &&
          is_index_dtype(g->max_indices->dtype),
      "maximum_indices must be Int or Long of the size [%lld, %lld] of grad",
      (long long)bags, (long long)width);
  PT2_OP_CHECK(g->bag_sizes->numel == bags,
               "bag_size has %lld values, expected %lld",
               (long long)g->bag_sizes->numel, (long long)bags);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__embedding_check_bag_gradient(const pt2__bag_gradient_t* g) {
  PT2_TRY(pt2__embedding_check_matrix(g->gradient, "grad"));
  PT2_TRY(pt2__embedding_check_indices(g->indices, "indices"));
  PT2_TRY(pt2__embedding_check_indices(g->bag_sizes, "bag_size"));
  PT2_OP_CHECK(g->rows >= 0, "num_weights is %lld, expected no negative number",
               (long long)g->rows);
  PT2_OP_CHECK(g->mode >= PT2__BAG_SUM && g->mode <= PT2__BAG_MAX,
               "mode is %lld, expected 0 (sum), 1 (mean) or 2 (max)",
               (long long)g->mode);
  if (g->mode == PT2__BAG_MAX) {
    return check_max(g);
  }
  PT2_TRY(pt2__embedding_check_indices(g->bags, "offset2bag"));
  PT2_OP_CHECK(g->bags->numel == g->indices->numel,
               "offset2bag has %lld values, expected %lld as indices has",
               (long long)g->bags->numel, (long long)g->indices->numel);
  if (g->factors == NULL) {
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK_TENSOR(g->factors, "per_sample_weights");
  PT2_OP_CHECK(g->mode == PT2__BAG_SUM,
               "per_sample_weights only supported with mode='sum'");
  PT2_OP_CHECK(g->factors->dtype == g->gradient->dtype,
               "per_sample_weights is %s, expected %s as grad is",
               pt2__dtype_torch_name(g->factors->dtype),
               pt2__dtype_torch_name(g->gradient->dtype));
  PT2_OP_CHECK(g->factors->rank == 1 && g->factors->numel == g->indices->numel,
               "expected per_sample_weights of the same size as indices");
  return PT2_STATUS_OK;
}
