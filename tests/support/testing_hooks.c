// SPDX-License-Identifier: Apache-2.0
//
// What tests in Python need beyond the public API: failing allocations, and how
// much memory is in use. Linked with the library's objects into
// libpt2_testing.so, never into the library.
#include "base/memory.h"
#include "pt2/status.h"

PT2_API uint64_t pt2_testing_fault_set(uint64_t nth);
PT2_API size_t pt2_testing_used_bytes(void);

// See pt2__fault_set; later allocations work again.
uint64_t pt2_testing_fault_set(uint64_t nth) {
  return pt2__fault_set(nth, false);
}

// Bytes of the pool that are handed out.
size_t pt2_testing_used_bytes(void) {
  size_t used, kept;
  pt2__pool_statistics(&used, &kept);
  return used;
}
