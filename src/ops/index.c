// SPDX-License-Identifier: Apache-2.0
#include "ops/index.h"

#include <inttypes.h>
#include <string.h>

// The integer tensors of an index expression: masks are replaced by the columns
// of their nonzero places, so that each stands for one dimension of self.
typedef struct {
  int64_t count;
  pt2_tensor_t* tensors[PT2__MAX_RANK];  // owned; NULL: all of the dimension
  int64_t dims;                          // rank of the broadcast
  int64_t sizes[PT2__MAX_RANK];          // of the broadcast
} expanded_t;

static void expanded_free(expanded_t* expanded) {
  for (int64_t i = 0; i < expanded->count; ++i) {
    pt2__tensor_release(expanded->tensors[i]);
  }
}

static bool is_mask(const pt2_tensor_t* tensor) {
  return tensor->dtype == PT2_DTYPE_BOOL || tensor->dtype == PT2_DTYPE_U8;
}

// Bytes from the first element to behind the last.
static uintptr_t span(const pt2_tensor_t* tensor) {
  size_t bytes;
  bool known =
      pt2__sizes_storage_bytes(tensor->rank, tensor->sizes, tensor->strides, 0,
                               pt2_dtype_size_bytes(tensor->dtype), &bytes);
  return known && tensor->numel > 0 ? bytes : 0;
}

bool pt2__op_memory_meets(const pt2_tensor_t* a, const pt2_tensor_t* b) {
  uintptr_t first = (uintptr_t)a->data, second = (uintptr_t)b->data;
  return first < second + span(b) && second < first + span(a);
}

static pt2_status_t expand_mask(const pt2_tensor_t* self,
                                const pt2_tensor_t* mask, int64_t position,
                                expanded_t* expanded) {
  int64_t first = expanded->count;
  for (int32_t d = 0; d < mask->rank; ++d) {
    if (first + d >= self->rank || mask->sizes[d] != self->sizes[first + d]) {
      char mask_text[128], self_text[128];
      return PT2_FAIL(
          PT2_STATUS_INVALID_ARGUMENT,
          "The shape of the mask %s at index %d does not match the shape of "
          "the indexed tensor %s at index %" PRId64,
          pt2__sizes_format(mask->rank, mask->sizes, mask_text,
                            sizeof(mask_text)),
          (int)d,
          pt2__sizes_format(self->rank, self->sizes, self_text,
                            sizeof(self_text)),
          first + d);
    }
  }
  (void)position;
  pt2_tensor_t* places;
  PT2_TRY(pt2__op_nonzero(mask, &places));
  const int64_t size = places->sizes[0], stride = 1;
  pt2_status_t status = PT2_STATUS_OK;
  for (int32_t d = 0; d < mask->rank && status == PT2_STATUS_OK; ++d) {
    status = pt2__tensor_view(places, 1, &size, &stride,
                              places->storage_offset + d * size,
                              &expanded->tensors[expanded->count]);
    if (status == PT2_STATUS_OK) {
      ++expanded->count;
    }
  }
  pt2__tensor_release(places);
  return status;
}

static pt2_status_t expand_one(const pt2_tensor_t* self,
                               const pt2_tensor_t* index, int64_t position,
                               expanded_t* expanded) {
  if (!pt2__tensor_is_defined(index)) {
    expanded->tensors[expanded->count++] = NULL;
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK_TENSOR(index, "an index");
  if (is_mask(index)) {
    PT2_OP_CHECK(index->rank > 0, "a mask of 0 dimensions is not supported");
    return expand_mask(self, index, position, expanded);
  }
  PT2_OP_CHECK(index->dtype == PT2_DTYPE_I64 || index->dtype == PT2_DTYPE_I32,
               "tensors used as indices must be long, int, byte or bool "
               "tensors, index %" PRId64 " is %s",
               position, pt2__dtype_torch_name(index->dtype));
  PT2_TRY(pt2__tensor_alias(index, &expanded->tensors[expanded->count]));
  ++expanded->count;
  return PT2_STATUS_OK;
}

// Finds the sizes that all indices broadcast to.
static pt2_status_t broadcast(expanded_t* expanded) {
  expanded->dims = 0;
  for (int64_t i = 0; i < expanded->count; ++i) {
    const pt2_tensor_t* index = expanded->tensors[i];
    if (index != NULL && index->rank > expanded->dims) {
      expanded->dims = index->rank;
    }
  }
  for (int64_t d = 0; d < expanded->dims; ++d) {
    expanded->sizes[d] = 1;
  }
  for (int64_t i = 0; i < expanded->count; ++i) {
    const pt2_tensor_t* index = expanded->tensors[i];
    if (index == NULL) {
      continue;
    }
    for (int64_t d = 0; d < index->rank; ++d) {
      int64_t* size = &expanded->sizes[expanded->dims - index->rank + d];
      int64_t other = index->sizes[d];
      PT2_OP_CHECK(*size == other || *size == 1 || other == 1,
                   "shape mismatch: indexing tensors could not be broadcast "
                   "together (sizes %" PRId64 " and %" PRId64 ")",
                   *size, other);
      *size = *size == 1 ? other : *size;
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t expand(const pt2_tensor_t* self,
                           const pt2_tensor_t* const* indices, int64_t count,
                           expanded_t* expanded) {
  for (int64_t i = 0; i < count; ++i) {
    int64_t added = pt2__tensor_is_defined(indices[i]) && is_mask(indices[i])
                        ? indices[i]->rank
                        : 1;
    PT2_OP_CHECK(expanded->count + added <= self->rank,
                 "too many indices for tensor of dimension %d (got %" PRId64
                 ")",
                 (int)self->rank, expanded->count + added);
    PT2_TRY(expand_one(self, indices[i], i, expanded));
  }
  int64_t given = 0;
  for (int64_t i = 0; i < expanded->count; ++i) {
    given += expanded->tensors[i] != NULL;
  }
  PT2_OP_CHECK(given > 0, "at least one index must be provided");
  return broadcast(expanded);
}

// Adds one index tensor's byte offsets, having checked them.
static pt2_status_t add_offsets(const pt2_tensor_t* self, int64_t dim,
                                const expanded_t* expanded,
                                int64_t element_bytes, int64_t count,
                                int64_t* offsets) {
  const pt2_tensor_t* index = expanded->tensors[dim];
  int64_t size = self->sizes[dim];
  int64_t stride = self->strides[dim] * element_bytes;
  int64_t dims = expanded->dims;
  int64_t position[PT2__MAX_RANK] = {0};
  int64_t steps[PT2__MAX_RANK] = {0};
  for (int64_t d = 0; d < index->rank; ++d) {
    steps[dims - index->rank + d] =
        index->sizes[d] == 1 ? 0 : index->strides[d];
  }
  bool wide = index->dtype == PT2_DTYPE_I64;
  int64_t at = 0;
  for (int64_t i = 0; i < count; ++i) {
    int64_t value = wide ? ((const int64_t*)index->data)[at]
                         : ((const int32_t*)index->data)[at];
    PT2_OP_CHECK(value >= -size && value < size,
                 "index %" PRId64 " is out of bounds for dimension %" PRId64
                 " with size %" PRId64,
                 value, dim, size);
    offsets[i] += (value < 0 ? value + size : value) * stride;
    for (int64_t d = dims - 1; d >= 0; --d) {
      at += steps[d];
      if (++position[d] < expanded->sizes[d]) {
        break;
      }
      at -= steps[d] * expanded->sizes[d];
      position[d] = 0;
    }
  }
  return PT2_STATUS_OK;
}

// Lays out the walk: indexed dimensions that are neighbours stay where they
// are, others make the result begin with the broadcast.
static void lay_out(const pt2_tensor_t* self, const expanded_t* expanded,
                    int64_t element_bytes, pt2__index_plan_t* plan) {
  int64_t first = -1, last = -1, indexed = 0;
  for (int64_t i = 0; i < expanded->count; ++i) {
    if (expanded->tensors[i] != NULL) {
      first = first < 0 ? i : first;
      last = i;
      ++indexed;
    }
  }
  bool adjacent = last - first + 1 == indexed;
  plan->before = adjacent ? first : 0;
  plan->across = expanded->dims;
  int64_t rank = 0;
  for (int part = 0; part < 3; ++part) {
    if (part == 1) {
      for (int64_t d = 0; d < expanded->dims; ++d, ++rank) {
        plan->sizes[rank] = expanded->sizes[d];
        plan->strides[rank] = 0;
      }
      continue;
    }
    for (int64_t d = 0; d < self->rank; ++d) {
      bool here = d < expanded->count && expanded->tensors[d] != NULL;
      if (!here && (d < plan->before) == (part == 0)) {
        plan->sizes[rank] = self->sizes[d];
        plan->strides[rank] = self->strides[d] * element_bytes;
        ++rank;
      }
    }
  }
  plan->rank = rank;
}

static void result_strides(const expanded_t* expanded,
                           pt2__index_plan_t* plan) {
  int64_t own[PT2__MAX_RANK][PT2__MAX_RANK];
  const int64_t* operands[PT2__MAX_RANK + 1];
  int64_t count = 0;
  operands[count++] = plan->strides;
  for (int64_t i = 0; i < expanded->count; ++i) {
    const pt2_tensor_t* index = expanded->tensors[i];
    if (index == NULL) {
      continue;
    }
    int64_t* strides = own[count - 1];
    memset(strides, 0, sizeof(int64_t) * (size_t)plan->rank);
    for (int64_t d = 0; d < index->rank; ++d) {
      strides[plan->before + plan->across - index->rank + d] =
          index->sizes[d] == 1 ? 0 : index->strides[d];
    }
    operands[count++] = strides;
  }
  pt2__op_iterator_strides(plan->rank, plan->sizes, count, operands,
                           plan->result_strides);
}

static pt2_status_t make_plan(const pt2_tensor_t* self,
                              const expanded_t* expanded,
                              pt2__index_plan_t* plan) {
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(self->dtype);
  int64_t rank = expanded->dims;
  for (int64_t d = 0; d < self->rank; ++d) {
    rank += d >= expanded->count || expanded->tensors[d] == NULL;
  }
  PT2_OP_CHECK(rank <= PT2__MAX_RANK, "a result of %" PRId64 " dimensions",
               rank);
  lay_out(self, expanded, bytes, plan);
  PT2_OP_CHECK(
      pt2__sizes_numel(expanded->dims, expanded->sizes, &plan->offset_count) &&
          plan->offset_count <= INT64_MAX / (int64_t)sizeof(int64_t),
      "the indices have too many elements together");
  if (plan->offset_count > 0) {
    size_t wanted = sizeof(int64_t) * (size_t)plan->offset_count;
    plan->offsets = pt2__pool_alloc(wanted);
    if (plan->offsets == NULL) {
      return PT2_OUT_OF_MEMORY(wanted);
    }
    memset(plan->offsets, 0, wanted);
  }
  for (int64_t d = 0; d < expanded->count; ++d) {
    if (expanded->tensors[d] == NULL || plan->offset_count == 0) {
      continue;
    }
    pt2_status_t status = add_offsets(self, d, expanded, bytes,
                                      plan->offset_count, plan->offsets);
    if (status != PT2_STATUS_OK) {
      pt2__index_plan_free(plan);
      return status;
    }
  }
  result_strides(expanded, plan);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__index_plan(const pt2_tensor_t* self,
                             const pt2_tensor_t* const* indices, int64_t count,
                             pt2__index_plan_t* out_plan) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(count >= 0 && (count == 0 || indices != NULL),
               "%" PRId64 " indices", count);
  expanded_t expanded = {0};
  pt2__index_plan_t plan = {0};
  pt2_status_t status = expand(self, indices, count, &expanded);
  if (status == PT2_STATUS_OK) {
    status = make_plan(self, &expanded, &plan);
  }
  expanded_free(&expanded);
  if (status == PT2_STATUS_OK) {
    *out_plan = plan;
  }
  return status;
}

void pt2__index_plan_free(pt2__index_plan_t* plan) {
  pt2__pool_free(plan->offsets, sizeof(int64_t) * (size_t)plan->offset_count);
  plan->offsets = NULL;
}

pt2_status_t pt2__index_value_strides(const pt2__index_plan_t* plan,
                                      const pt2_tensor_t* values,
                                      int64_t* out_strides) {
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(values->dtype);
  int64_t skipped = plan->rank - values->rank;
  bool fits = true;
  // Leading dimensions of 1 beyond the result's are allowed.
  for (int64_t d = 0; d < values->rank; ++d) {
    int64_t size = values->sizes[d];
    int64_t at = d + skipped;
    if (at < 0) {
      fits = fits && size == 1;
      continue;
    }
    fits = fits && (size == 1 || size == plan->sizes[at]);
    out_strides[at] = size == 1 ? 0 : values->strides[d] * bytes;
  }
  for (int64_t d = 0; d < skipped; ++d) {
    out_strides[d] = 0;
  }
  if (!fits) {
    char value_text[128], result_text[128];
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "shape mismatch: value tensor of shape %s cannot be "
                    "broadcast to indexing result of shape %s",
                    pt2__sizes_format(values->rank, values->sizes, value_text,
                                      sizeof(value_text)),
                    pt2__sizes_format(plan->rank, plan->sizes, result_text,
                                      sizeof(result_text)));
  }
  return PT2_STATUS_OK;
}

// Whether dimension |a| must lie outside of |b|: > 0 yes, < 0 no, 0 undecided.
static int iterator_order(int64_t a, int64_t b, const int64_t* sizes,
                          int64_t operand_count,
                          const int64_t* const* operand_strides) {
  for (int64_t i = 0; i < operand_count; ++i) {
    int64_t first = operand_strides[i][a], second = operand_strides[i][b];
    if (first == 0 || second == 0) {
      continue;
    }
    if (first != second) {
      return first < second ? -1 : 1;
    }
    if (sizes[a] > sizes[b]) {
      return 1;
    }
  }
  return 0;
}

void pt2__op_iterator_strides(int64_t rank, const int64_t* sizes,
                              int64_t operand_count,
                              const int64_t* const* operand_strides,
                              int64_t* out_strides) {
  int64_t order[PT2__MAX_RANK];  // innermost first
  for (int64_t i = 0; i < rank; ++i) {
    order[i] = rank - 1 - i;
  }
  // An insertion sort that passes over undecided pairs, as torch's does; the
  // relation is no order, so that no other sort gives the same.
  for (int64_t i = 1; i < rank; ++i) {
    int64_t moved = i;
    for (int64_t j = i - 1; j >= 0; --j) {
      int decision = iterator_order(order[j], order[moved], sizes,
                                    operand_count, operand_strides);
      if (decision > 0) {
        int64_t kept = order[j];
        order[j] = order[moved];
        order[moved] = kept;
        moved = j;
      } else if (decision < 0) {
        break;
      }
    }
  }
  int64_t stride = 1;
  for (int64_t i = 0; i < rank; ++i) {
    out_strides[order[i]] = stride;
    stride *= sizes[order[i]] > 0 ? sizes[order[i]] : 1;
  }
}
