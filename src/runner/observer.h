// SPDX-License-Identifier: Apache-2.0
//
// Telling observers of loads and runs.
#ifndef PT2_SRC_RUNNER_OBSERVER_H_
#define PT2_SRC_RUNNER_OBSERVER_H_

#include <stdatomic.h>
#include <stdbool.h>

#include "pt2/observer.h"

// How many observers there are; read it through pt2__observers_exist.
extern atomic_size_t pt2__observer_count;

// All that a run pays while nobody observes.
static inline bool pt2__observers_exist(void) {
  return __builtin_expect(
      atomic_load_explicit(&pt2__observer_count, memory_order_relaxed) != 0, 0);
}

int64_t pt2__observer_now_ns(void);

// Fills id, time and struct_bytes of |event| and tells its begin; the caller
// has set the rest. The same struct goes to end.
void pt2__observer_begin(pt2_event_t* event);

// Tells the end with |status| to those that were told the begin. |kind| is
// that of the end.
void pt2__observer_end(pt2_event_t* event, int32_t kind, pt2_status_t status);

#endif  // PT2_SRC_RUNNER_OBSERVER_H_
