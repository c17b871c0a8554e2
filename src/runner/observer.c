// SPDX-License-Identifier: Apache-2.0
//
// Who is told of calls: observers of the process, then the runner's own and its
// trace. The list of observers: a node that is being called is pinned; removal
// waits until nobody pins it and only then unlinks it, so that a walk can go on
// from the node it stands on.
#include "runner/observer.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"

struct pt2_observer_t {
  pt2_observe_fn observe;
  void* user;
  uint64_t added;  // ids from here on are told
  size_t pins;
  bool removed;
  pt2_observer_t* next;
};

atomic_size_t pt2__observer_count;
static atomic_size_t list_count;  // of these, observers of the process

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t unpinned = PTHREAD_COND_INITIALIZER;
static pt2_observer_t* first;
static uint64_t next_id = 1;

pt2_status_t pt2_observer_add(pt2_observe_fn observe, void* user,
                              pt2_observer_t** out_observer) {
  pt2__error_begin();
  if (observe == NULL || out_observer == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "observe and out_observer may not be NULL");
  }
  pt2_observer_t* observer = pt2__calloc(1, sizeof(*observer));
  if (observer == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*observer));
  }
  observer->observe = observe;
  observer->user = user;
  pthread_mutex_lock(&lock);
  observer->added = next_id;
  pt2_observer_t** end = &first;
  while (*end != NULL) {
    end = &(*end)->next;
  }
  *end = observer;
  atomic_fetch_add_explicit(&list_count, 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&pt2__observer_count, 1, memory_order_relaxed);
  pthread_mutex_unlock(&lock);
  *out_observer = observer;
  return PT2_STATUS_OK;
}

void pt2_observer_remove(pt2_observer_t* observer) {
  if (observer == NULL) {
    return;
  }
  pthread_mutex_lock(&lock);
  observer->removed = true;
  while (observer->pins > 0) {
    pthread_cond_wait(&unpinned, &lock);
  }
  pt2_observer_t** at = &first;
  while (*at != observer) {
    at = &(*at)->next;
  }
  *at = observer->next;
  atomic_fetch_sub_explicit(&list_count, 1, memory_order_relaxed);
  atomic_fetch_sub_explicit(&pt2__observer_count, 1, memory_order_relaxed);
  pthread_mutex_unlock(&lock);
  pt2__free(observer);
}

void pt2__watched_runner_add(void) {
  atomic_fetch_add_explicit(&pt2__observer_count, 1, memory_order_relaxed);
}

void pt2__watched_runner_remove(void) {
  atomic_fetch_sub_explicit(&pt2__observer_count, 1, memory_order_relaxed);
}

// Called and left with the lock held.
static void call_pinned(pt2_observer_t* observer, const pt2_event_t* event) {
  ++observer->pins;
  pthread_mutex_unlock(&lock);
  observer->observe(observer->user, event);
  pthread_mutex_lock(&lock);
  if (--observer->pins == 0 && observer->removed) {
    pthread_cond_broadcast(&unpinned);
  }
}

// Callbacks use the library: the thread's error is put back after each.
static void put_error_back(bool pending, pt2_status_t status,
                           const char* message) {
  pt2__error_begin();
  if (pending) {
    pt2__fail(status, "%s", message);
  }
}

static void tell(const pt2_event_t* event, const pt2__watch_t* watch) {
  char message[PT2__MESSAGE_BYTES];
  bool pending = pt2__error_pending();
  pt2_status_t status = pt2_error_status();
  if (pending) {
    strncpy(message, pt2_error_message(), sizeof(message) - 1);
    message[sizeof(message) - 1] = '\0';
  }
  pthread_mutex_lock(&lock);
  for (pt2_observer_t* at = first; at != NULL; at = at->next) {
    if (!at->removed && at->added <= event->id) {
      call_pinned(at, event);
      put_error_back(pending, status, message);
    }
  }
  pthread_mutex_unlock(&lock);
  if (watch->observe != NULL) {
    watch->observe(watch->user, event);
    put_error_back(pending, status, message);
  }
}

void pt2__observer_begin(pt2__call_t* call, const pt2__watch_t* watch) {
  call->watch = watch;
  call->observed = watch->observe != NULL ||
                   atomic_load_explicit(&list_count, memory_order_relaxed) != 0;
  if (call->observed) {
    pthread_mutex_lock(&lock);
    call->event.id = next_id++;
    pthread_mutex_unlock(&lock);
    call->event.struct_bytes = sizeof(call->event);
    call->event.time_ns = pt2__clock_now_ns();
    tell(&call->event, watch);
  }
  if (watch->trace != NULL) {
    pt2__trace_begin(&call->span);
  }
}

void pt2__observer_end(pt2__call_t* call, int32_t kind, pt2_status_t status) {
  static const int32_t trace_kinds[] = {
      [PT2_EVENT_LOAD_END] = PT2_TRACE_LOAD,
      [PT2_EVENT_RUN_END] = PT2_TRACE_RUN,
      [PT2_EVENT_UPDATE_END] = PT2_TRACE_UPDATE,
      [PT2_EVENT_SWAP_END] = PT2_TRACE_SWAP};
  if (call->watch->trace != NULL) {
    pt2__watch_record(call->watch, &call->span, trace_kinds[kind], status,
                      call->event.waited_ns);
  }
  if (call->observed) {
    int64_t now = pt2__clock_now_ns();
    call->event.kind = kind;
    call->event.status = status;
    call->event.duration_ns = now - call->event.time_ns;
    call->event.time_ns = now;
    tell(&call->event, call->watch);
  }
}

// ---- Traces ----------------------------------------------------------------

pt2_status_t pt2__watch_init(const pt2_runner_options_t* options,
                             const char* model, pt2__watch_t* out_watch) {
  *out_watch = (pt2__watch_t){.observe = options->observe,
                              .user = options->observe_user,
                              .trace = options->trace};
  if (options->trace == NULL) {
    return PT2_STATUS_OK;
  }
  bool complete = true;
  for (int32_t kind = 0; kind <= PT2_TRACE_FOLD; ++kind) {
    char name[256];
    snprintf(name, sizeof(name), "%s %s", pt2_trace_kind_name(kind), model);
    out_watch->names[kind] = pt2__trace_name(options->trace, kind, name);
    complete = complete && out_watch->names[kind] != NULL;
  }
  return complete ? PT2_STATUS_OK
                  : PT2_FAIL(PT2_STATUS_OUT_OF_MEMORY,
                             "the trace has no memory for model %s", model);
}

void pt2__watch_record(const pt2__watch_t* watch, const pt2__trace_span_t* span,
                       int32_t trace_kind, pt2_status_t status,
                       int64_t waited_ns) {
  pt2__trace_details_t details = {
      .runner = watch->runner,
      .status = status,
      .error = status != PT2_STATUS_OK ? pt2_error_message() : NULL,
      .waited_ns = waited_ns};
  pt2__trace_end(watch->trace, span, watch->names[trace_kind], &details);
}
