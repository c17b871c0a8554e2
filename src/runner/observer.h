// SPDX-License-Identifier: Apache-2.0
//
// Telling observers and traces of loads, runs and changes of constants.
#ifndef PT2_SRC_RUNNER_OBSERVER_H_
#define PT2_SRC_RUNNER_OBSERVER_H_

#include <stdatomic.h>
#include <stdbool.h>

#include "pt2/observer.h"
#include "shim/tracer.h"

// Who is told of one runner's calls, besides the observers of the process.
typedef struct {
  pt2_observe_fn observe;  // may be NULL
  void* user;
  pt2_trace_t* trace;  // may be NULL; not retained
  uint32_t runner;     // its number in |trace|
  // "run encoder" and so on, by PT2_TRACE_*.
  pt2__trace_name_t* names[PT2_TRACE_FOLD + 1];
} pt2__watch_t;

// Sets up |watch| as |options| want it; |model| is the model's name. Where it
// fails, some names are NULL, which traces take.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__watch_init(const pt2_runner_options_t* options,
                                          const char* model,
                                          pt2__watch_t* out_watch);

// How many observers and watched runners there are; read it through
// pt2__observers_exist.
extern atomic_size_t pt2__observer_count;

// All that a run pays while nobody observes or traces.
static inline bool pt2__observers_exist(void) {
  return __builtin_expect(
      atomic_load_explicit(&pt2__observer_count, memory_order_relaxed) != 0, 0);
}

static inline bool pt2__watches(const pt2__watch_t* watch) {
  return watch->observe != NULL || watch->trace != NULL;
}

// Counts a runner that is watched, and takes it back.
void pt2__watched_runner_add(void);
void pt2__watched_runner_remove(void);

// A call that is told. The caller sets |event| but for id, time and
// struct_bytes; the same struct goes to end.
typedef struct {
  pt2_event_t event;
  const pt2__watch_t* watch;
  bool observed;
  pt2__trace_span_t span;
} pt2__call_t;

// Tells the begin of a call on a runner with |watch|.
void pt2__observer_begin(pt2__call_t* call, const pt2__watch_t* watch);

// Tells the end with |status| to those that were told the begin. |kind| is
// that of the end.
void pt2__observer_end(pt2__call_t* call, int32_t kind, pt2_status_t status);

// Records the end of a call in the runner's trace; what observer_end does
// besides. |trace_kind| is up to PT2_TRACE_FOLD.
void pt2__watch_record(const pt2__watch_t* watch, const pt2__trace_span_t* span,
                       int32_t trace_kind, pt2_status_t status,
                       int64_t waited_ns);

#endif  // PT2_SRC_RUNNER_OBSERVER_H_
