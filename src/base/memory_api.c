// SPDX-License-Identifier: Apache-2.0
//
// The public functions of pt2/memory.h.
#include "base/memory.h"
#include "base/status.h"
#include "base/struct_bytes.h"

pt2_status_t pt2_set_allocator(const pt2_allocator_t* allocator) {
  pt2__error_begin();
  if (allocator != NULL && allocator->struct_bytes != sizeof(*allocator)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "pt2_allocator_t: struct_bytes is %zu, expected %zu",
                    allocator->struct_bytes, sizeof(*allocator));
  }
  if (allocator != NULL &&
      (allocator->alloc == NULL || allocator->free == NULL)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "an allocator has both functions, alloc and free");
  }
  return pt2__pool_set_allocator(allocator);
}

pt2_status_t pt2_memory_statistics(pt2_memory_statistics_t* statistics) {
  pt2__error_begin();
  pt2_memory_statistics_t all = {.struct_bytes = sizeof(all),
                                 .peak_bytes = pt2__pool_peak_bytes()};
  pt2__pool_statistics(&all.in_use_bytes, &all.kept_bytes);
  return pt2__struct_fill(statistics, &all, sizeof(all),
                          "pt2_memory_statistics_t");
}
