// SPDX-License-Identifier: Apache-2.0
//
// The queue in front of a model's instances. Each waiting call has a place on
// its own stack and is woken alone, when it is its turn. Who stands first looks
// for its turn for a while before it sleeps: a sleep and a wake-up cost more
// than a small model's run.
#include "runner/gate.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"

// How long the first in the queue stays awake: about what waking it costs.
#define AWAKE_NS 20000

typedef struct waiter_t {
  struct waiter_t* next;         // in the gate's queue
  struct waiter_t* next_cancel;  // in the list of what cancels it
  pt2__gate_t* gate;
  pt2__gate_kind_t kind;
  atomic_bool granted;  // set under the gate's lock
  bool asleep;          // under the gate's lock
  pthread_cond_t turn;
} waiter_t;

struct pt2__gate_t {
  pthread_mutex_t lock;
  size_t capacity;
  size_t runs;  // inside
  bool alone;   // one is inside that wants nobody else
  size_t waiting;
  int64_t awake_ns;  // 0 on a single CPU, where looking keeps others from it
  waiter_t* first;
  waiter_t** last;
};

// |lock| is taken before a gate's.
struct pt2_cancel_t {
  pthread_mutex_t lock;
  atomic_bool set;
  waiter_t* waiters;
};

// ---- Cancelling ------------------------------------------------------------

pt2_status_t pt2_cancel_create(pt2_cancel_t** out_cancel) {
  pt2__error_begin();
  if (out_cancel == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "out_cancel may not be NULL");
  }
  pt2_cancel_t* cancel = pt2__calloc(1, sizeof(*cancel));
  if (cancel == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*cancel));
  }
  pthread_mutex_init(&cancel->lock, NULL);
  atomic_init(&cancel->set, false);
  *out_cancel = cancel;
  return PT2_STATUS_OK;
}

void pt2_cancel_destroy(pt2_cancel_t* cancel) {
  if (cancel != NULL) {
    pthread_mutex_destroy(&cancel->lock);
    pt2__free(cancel);
  }
}

void pt2_cancel_set(pt2_cancel_t* cancel) {
  if (cancel == NULL) {
    return;
  }
  pthread_mutex_lock(&cancel->lock);
  atomic_store(&cancel->set, true);
  for (waiter_t* w = cancel->waiters; w != NULL; w = w->next_cancel) {
    // Between a look at |set| and the wait, the waiter holds this lock.
    pthread_mutex_lock(&w->gate->lock);
    pthread_cond_signal(&w->turn);
    pthread_mutex_unlock(&w->gate->lock);
  }
  pthread_mutex_unlock(&cancel->lock);
}

static bool is_set(pt2_cancel_t* cancel) {
  return cancel != NULL && atomic_load(&cancel->set);
}

static void enlist(pt2_cancel_t* cancel, waiter_t* waiter) {
  if (cancel != NULL) {
    pthread_mutex_lock(&cancel->lock);
    waiter->next_cancel = cancel->waiters;
    cancel->waiters = waiter;
    pthread_mutex_unlock(&cancel->lock);
  }
}

static void delist(pt2_cancel_t* cancel, const waiter_t* waiter) {
  if (cancel != NULL) {
    pthread_mutex_lock(&cancel->lock);
    waiter_t** at = &cancel->waiters;
    while (*at != waiter) {
      at = &(*at)->next_cancel;
    }
    *at = waiter->next_cancel;
    pthread_mutex_unlock(&cancel->lock);
  }
}

// ---- The gate --------------------------------------------------------------

pt2_status_t pt2__gate_create(size_t capacity, pt2__gate_t** out_gate) {
  pt2__gate_t* gate = pt2__calloc(1, sizeof(*gate));
  if (gate == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*gate));
  }
  pthread_mutex_init(&gate->lock, NULL);
  gate->capacity = capacity;
  gate->awake_ns = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? AWAKE_NS : 0;
  gate->last = &gate->first;
  *out_gate = gate;
  return PT2_STATUS_OK;
}

void pt2__gate_destroy(pt2__gate_t* gate) {
  if (gate != NULL) {
    pthread_mutex_destroy(&gate->lock);
    pt2__free(gate);
  }
}

static bool has_room(const pt2__gate_t* gate, pt2__gate_kind_t kind) {
  return kind == PT2__GATE_RUN ? !gate->alone && gate->runs < gate->capacity
                               : !gate->alone && gate->runs == 0;
}

static void let_in(pt2__gate_t* gate, pt2__gate_kind_t kind) {
  if (kind == PT2__GATE_RUN) {
    ++gate->runs;
  } else {
    gate->alone = true;
  }
}

// Lets in who stands first, as long as there is room.
static void advance(pt2__gate_t* gate) {
  while (gate->first != NULL && has_room(gate, gate->first->kind)) {
    waiter_t* waiter = gate->first;
    gate->first = waiter->next;
    if (gate->first == NULL) {
      gate->last = &gate->first;
    }
    --gate->waiting;
    let_in(gate, waiter->kind);
    if (waiter->asleep) {
      pthread_cond_signal(&waiter->turn);
    }
    // Last: one that is awake sees it without the lock and is gone.
    atomic_store_explicit(&waiter->granted, true, memory_order_release);
  }
}

static void join_queue(pt2__gate_t* gate, waiter_t* waiter) {
  *gate->last = waiter;
  gate->last = &waiter->next;
  ++gate->waiting;
}

static void leave_queue(pt2__gate_t* gate, waiter_t* waiter) {
  waiter_t** at = &gate->first;
  while (*at != waiter) {
    at = &(*at)->next;
  }
  *at = waiter->next;
  if (gate->last == &waiter->next) {
    gate->last = at;
  }
  --gate->waiting;
  // Those behind may have waited for this one only.
  advance(gate);
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// Waits for |turn| until |deadline_ns| of the monotonic clock; negative: as
// long as it takes. Returns as pthread_cond_wait.
static int wait_until(pthread_cond_t* turn, pthread_mutex_t* lock,
                      int64_t deadline_ns) {
  if (deadline_ns < 0) {
    return pthread_cond_wait(turn, lock);
  }
#if defined(__APPLE__)
  // Conditions know the wall clock only, or how long from now.
  int64_t left = deadline_ns - now_ns();
  if (left <= 0) {
    return ETIMEDOUT;
  }
  struct timespec time = {(time_t)(left / 1000000000),
                          (long)(left % 1000000000)};
  return pthread_cond_timedwait_relative_np(turn, lock, &time);
#else
  struct timespec time = {(time_t)(deadline_ns / 1000000000),
                          (long)(deadline_ns % 1000000000)};
  return pthread_cond_timedwait(turn, lock, &time);
#endif
}

static void condition_init(pthread_cond_t* condition) {
#if defined(__APPLE__)
  pthread_cond_init(condition, NULL);
#else
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(condition, &attributes);
  pthread_condattr_destroy(&attributes);
#endif
}

static void breathe(void) {
  for (int i = 0; i < 16; ++i) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
  }
}

// Without the lock; true if the turn came. What it takes comes off
// |*timeout_ns| unless that is negative.
static bool look_for_turn(const pt2__gate_t* gate, const waiter_t* waiter,
                          int64_t* timeout_ns, pt2_cancel_t* cancel) {
  int64_t patience = gate->awake_ns;
  if (*timeout_ns >= 0) {
    patience = *timeout_ns < patience ? *timeout_ns : patience;
    *timeout_ns -= patience;
  }
  int64_t end = now_ns() + patience;
  do {
    if (atomic_load_explicit(&waiter->granted, memory_order_acquire)) {
      return true;
    }
    breathe();
  } while (!is_set(cancel) && now_ns() < end);
  return false;
}

// Under the gate's lock, with |waiter| in the queue.
static pt2_status_t wait_for_turn(pt2__gate_t* gate, waiter_t* waiter,
                                  int64_t timeout_ns, pt2_cancel_t* cancel) {
  int64_t deadline_ns = -1;
  if (timeout_ns >= 0) {
    int64_t now = now_ns();
    deadline_ns = timeout_ns < INT64_MAX - now ? now + timeout_ns : INT64_MAX;
  }
  int error = 0;
  waiter->asleep = true;
  while (!atomic_load(&waiter->granted) && !is_set(cancel) &&
         error != ETIMEDOUT) {
    error = wait_until(&waiter->turn, &gate->lock, deadline_ns);
  }
  if (atomic_load(&waiter->granted)) {
    return PT2_STATUS_OK;
  }
  leave_queue(gate, waiter);
  return is_set(cancel) ? PT2_STATUS_CANCELLED : PT2_STATUS_TIMEOUT;
}

static pt2_status_t wait_in_queue(pt2__gate_t* gate, pt2__gate_kind_t kind,
                                  int64_t timeout_ns, pt2_cancel_t* cancel) {
  waiter_t waiter = {.gate = gate, .kind = kind};
  condition_init(&waiter.turn);
  atomic_init(&waiter.granted, false);
  enlist(cancel, &waiter);
  pthread_mutex_lock(&gate->lock);
  join_queue(gate, &waiter);
  advance(gate);  // it may have become free meanwhile
  bool is_first = gate->first == &waiter;
  pt2_status_t status = PT2_STATUS_OK;
  pthread_mutex_unlock(&gate->lock);
  bool granted = is_first ? look_for_turn(gate, &waiter, &timeout_ns, cancel)
                          : atomic_load(&waiter.granted);
  if (!granted) {
    pthread_mutex_lock(&gate->lock);
    status = wait_for_turn(gate, &waiter, timeout_ns, cancel);
    pthread_mutex_unlock(&gate->lock);
  }
  delist(cancel, &waiter);
  pthread_cond_destroy(&waiter.turn);
  return status;
}

pt2_status_t pt2__gate_enter(pt2__gate_t* gate, pt2__gate_kind_t kind,
                             int64_t timeout_ns, pt2_cancel_t* cancel) {
  if (is_set(cancel)) {
    return PT2_FAIL(PT2_STATUS_CANCELLED, "the call was cancelled");
  }
  pthread_mutex_lock(&gate->lock);
  bool free_now = gate->first == NULL && has_room(gate, kind);
  if (free_now) {
    let_in(gate, kind);
  }
  pthread_mutex_unlock(&gate->lock);
  if (free_now) {
    return PT2_STATUS_OK;
  }
  pt2_status_t status = timeout_ns == 0
                            ? PT2_STATUS_TIMEOUT
                            : wait_in_queue(gate, kind, timeout_ns, cancel);
  if (status == PT2_STATUS_TIMEOUT) {
    return PT2_FAIL(status,
                    "no instance of the model became free within %.3f ms (%zu "
                    "in all)",
                    (double)timeout_ns / 1e6, gate->capacity);
  }
  return status == PT2_STATUS_OK
             ? status
             : PT2_FAIL(status, "the call was cancelled while it waited");
}

void pt2__gate_leave(pt2__gate_t* gate, pt2__gate_kind_t kind) {
  pthread_mutex_lock(&gate->lock);
  if (kind == PT2__GATE_RUN) {
    --gate->runs;
  } else {
    gate->alone = false;
  }
  if (gate->first != NULL) {
    advance(gate);
  }
  pthread_mutex_unlock(&gate->lock);
}

void pt2__gate_count(pt2__gate_t* gate, size_t* out_inside,
                     size_t* out_waiting) {
  pthread_mutex_lock(&gate->lock);
  *out_inside = gate->runs + (gate->alone ? 1 : 0);
  *out_waiting = gate->waiting;
  pthread_mutex_unlock(&gate->lock);
}
