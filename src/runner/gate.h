// SPDX-License-Identifier: Apache-2.0
//
// Who may use a model's instances: up to |capacity| runs at once, or one caller
// alone that changes its constants. First come, first served.
#ifndef PT2_SRC_RUNNER_GATE_H_
#define PT2_SRC_RUNNER_GATE_H_

#include <stddef.h>
#include <stdint.h>

#include "pt2/runner.h"

typedef struct pt2__gate_t pt2__gate_t;

// Ownership: the caller owns |*out_gate| (pt2__gate_destroy).
PT2_MUST_USE pt2_status_t pt2__gate_create(size_t capacity,
                                           pt2__gate_t** out_gate);
// NULL is allowed; nobody may be inside or wait.
void pt2__gate_destroy(pt2__gate_t* gate);

typedef enum {
  PT2__GATE_RUN,    // one of |capacity|
  PT2__GATE_ALONE,  // nobody else
} pt2__gate_kind_t;

// Waits for the turn of this call: at most |timeout_ns| (negative: as long as
// it takes, 0: not at all), and until |cancel| (may be NULL) is set. A call
// that came later is never let in before one that waits.
//
// Errors: TIMEOUT, CANCELLED
// Cost:   where nobody waits, one uncontended lock
PT2_MUST_USE pt2_status_t pt2__gate_enter(pt2__gate_t* gate,
                                          pt2__gate_kind_t kind,
                                          int64_t timeout_ns,
                                          pt2_cancel_t* cancel);
void pt2__gate_leave(pt2__gate_t* gate, pt2__gate_kind_t kind);

// Calls inside and calls that wait, at this moment.
void pt2__gate_count(pt2__gate_t* gate, size_t* out_inside,
                     size_t* out_waiting);

#endif  // PT2_SRC_RUNNER_GATE_H_
