// SPDX-License-Identifier: Apache-2.0
#include "package/weight_set.h"

#include "base/memory.h"
#include "pt2/tensor.h"

void pt2__weight_set_free(pt2__weight_set_t* set) {
  for (size_t i = 0; i < set->archive_count; ++i) {
    pt2__archive_close(&set->archives[i]);
  }
  pt2__free(set->archives);
  pt2__arena_free(&set->arena);
  *set = (pt2__weight_set_t){0};
}

bool pt2__weight_fits(int32_t dtype, int64_t rank, const int64_t* sizes,
                      const int64_t* strides, uint64_t offset,
                      uint64_t storage_bytes) {
  uint64_t element = pt2_dtype_size_bytes(dtype);
  if (element == 0) {
    return false;
  }
  // The last element that is reached, in elements; none if a size is 0.
  uint64_t last = offset;
  uint64_t limit = storage_bytes / element;
  uint64_t numel = 1;
  bool empty = false;
  for (int64_t d = 0; d < rank; ++d) {
    if (sizes[d] < 0 || strides[d] < 0) {
      return false;
    }
    empty = empty || sizes[d] == 0;
  }
  for (int64_t d = 0; d < rank && !empty; ++d) {
    uint64_t reach;
    if (__builtin_mul_overflow((uint64_t)sizes[d] - 1, (uint64_t)strides[d],
                               &reach) ||
        __builtin_add_overflow(last, reach, &last) ||
        __builtin_mul_overflow(numel, (uint64_t)sizes[d], &numel) ||
        numel > INT64_MAX / element) {
      return false;
    }
  }
  return empty ? offset <= limit : last < limit;
}
