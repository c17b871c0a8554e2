// SPDX-License-Identifier: Apache-2.0
//
// Observers: told when models are loaded and run and when their constants
// change, for metrics and logs.
#ifndef PT2_OBSERVER_H_
#define PT2_OBSERVER_H_

#include <stddef.h>
#include <stdint.h>

#include "pt2/package.h"
#include "pt2/runner.h"
#include "pt2/status.h"

#if defined(__cplusplus)
extern "C" {
#endif

// What a call does, at its begin and at its end.
enum {
  PT2_EVENT_LOAD_BEGIN = 0,
  PT2_EVENT_LOAD_END = 1,
  PT2_EVENT_RUN_BEGIN = 2,
  PT2_EVENT_RUN_END = 3,
  // A change of constants from tensors, a file or another runner, once what it
  // takes has been read; and pt2_runner_swap_constants.
  PT2_EVENT_UPDATE_BEGIN = 4,
  PT2_EVENT_UPDATE_END = 5,
  PT2_EVENT_SWAP_BEGIN = 6,
  PT2_EVENT_SWAP_END = 7,
};

// What happened. The struct and what it points to are the observer's until
// its callback returns. Later releases append fields: those that lie within
// |struct_bytes| are there.
typedef struct pt2_event_t {
  size_t struct_bytes;
  int32_t kind;  // PT2_EVENT_*
  // How the call ended; OK at its begin.
  pt2_status_t status;
  // The same number at begin and end, another for each call.
  uint64_t id;
  // Nanoseconds of CLOCK_MONOTONIC.
  int64_t time_ns;
  // At the end: all of the call, and the part of it spent waiting for a free
  // instance (runs only). 0 at the begin.
  int64_t duration_ns;
  int64_t waited_ns;
  // The package and model of a load; NULL and 0 for the rest.
  const pt2_package_t* package;
  size_t model;
  // NULL at the begin of a load and at the end of one that failed.
  pt2_runner_t* runner;
} pt2_event_t;

// Called on the thread of the call, between the caller and the model;
// calls from several threads come at once. The end of a call comes on the
// thread of its begin.
//
// It may call any function of the library, run models too (which it is then
// told of), but not remove its own observer, nor one whose callback may be
// removing this one: they would wait for themselves. The error record of the
// thread is that of the call, before and after. What it takes is added to the
// run.
typedef void (*pt2_observe_fn)(void* user, const pt2_event_t* event);

// An observer of all runners of the process; pt2_runner_options_t names one of
// a single runner.
typedef struct pt2_observer_t pt2_observer_t;

// Adds |observe|, called with |user| for every call that begins after
// this returns; for each of these both begin and end, unless it is removed in
// between. Observers are called in the order in which they were added.
//
// Calls that the runner refuses before it looks at them (no runner, wrong
// options) are not told.
//
// Ownership: |user| stays the caller's and must live until removal.
// Errors:    INVALID_ARGUMENT (NULL), OUT_OF_MEMORY
// Threads:   any, from callbacks too.
PT2_API PT2_MUST_USE pt2_status_t pt2_observer_add(
    pt2_observe_fn observe, void* user, pt2_observer_t** out_observer);

// Removes and frees |observer|; NULL is allowed. Waits for its callbacks that
// are going on, not for runs: when this returns it is called no more and
// |user| may be freed.
//
// Threads: any, while models run; not from a callback of |observer| itself.
PT2_API void pt2_observer_remove(pt2_observer_t* observer);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_OBSERVER_H_
