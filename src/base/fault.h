// SPDX-License-Identifier: Apache-2.0
//
// The hook of pt2__fault_set as the allocators ask it: one load while it is
// off.
#ifndef PT2_SRC_BASE_FAULT_H_
#define PT2_SRC_BASE_FAULT_H_

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

// Which allocation fails; 0: none, and none is counted.
extern atomic_uint_fast64_t pt2__fault_at;

// Counts an allocation and tells whether it is the one.
bool pt2__fault_is_now(void);

static inline bool pt2__fault_is_set(void) {
  return atomic_load_explicit(&pt2__fault_at, memory_order_relaxed) != 0;
}

static inline bool pt2__fault_strikes(void) {
  return pt2__fault_is_set() && pt2__fault_is_now();
}

#endif  // PT2_SRC_BASE_FAULT_H_
