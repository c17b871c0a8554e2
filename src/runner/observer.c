// SPDX-License-Identifier: Apache-2.0
//
// The list of observers. A node that is being called is pinned; removal waits
// until nobody pins it and only then unlinks it, so that a walk can go on from
// the node it stands on.
#include "runner/observer.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

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
  atomic_fetch_sub_explicit(&pt2__observer_count, 1, memory_order_relaxed);
  pthread_mutex_unlock(&lock);
  pt2__free(observer);
}

int64_t pt2__observer_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
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
static void tell(const pt2_event_t* event) {
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
      pt2__error_begin();
      if (pending) {
        pt2__fail(status, "%s", message);
      }
    }
  }
  pthread_mutex_unlock(&lock);
}

void pt2__observer_begin(pt2_event_t* event) {
  pthread_mutex_lock(&lock);
  event->id = next_id++;
  pthread_mutex_unlock(&lock);
  event->struct_bytes = sizeof(*event);
  event->time_ns = pt2__observer_now_ns();
  tell(event);
}

void pt2__observer_end(pt2_event_t* event, int32_t kind, pt2_status_t status) {
  int64_t now = pt2__observer_now_ns();
  event->kind = kind;
  event->status = status;
  event->duration_ns = now - event->time_ns;
  event->time_ns = now;
  tell(event);
}
