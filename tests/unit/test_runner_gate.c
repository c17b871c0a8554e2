// SPDX-License-Identifier: Apache-2.0
//
// The queue in front of a model's instances: how many are let in, in which
// order, and how waiting ends.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "base/memory.h"
#include "pt2/pt2.h"
#include "runner/gate.h"

static void sleep_ms(long ms) {
  struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
  nanosleep(&time, NULL);
}

static pt2__gate_t* make_gate(size_t capacity) {
  pt2__gate_t* gate = NULL;
  assert_int_equal(pt2__gate_create(capacity, &gate), PT2_STATUS_OK);
  return gate;
}

static void wait_for_waiting(pt2__gate_t* gate, size_t wanted) {
  size_t inside, waiting = 0;
  for (int i = 0; i < 5000 && waiting != wanted; ++i) {
    pt2__gate_count(gate, &inside, &waiting);
    sleep_ms(1);
  }
  assert_int_equal(waiting, wanted);
}

static void test_capacity_and_no_waiting(void** state) {
  (void)state;
  pt2__gate_t* gate = make_gate(2);
  assert_int_equal(pt2__gate_enter(gate, PT2__GATE_RUN, 0, NULL), 0);
  assert_int_equal(pt2__gate_enter(gate, PT2__GATE_RUN, 0, NULL), 0);
  pt2_error_clear();
  assert_int_equal(pt2__gate_enter(gate, PT2__GATE_RUN, 0, NULL),
                   PT2_STATUS_TIMEOUT);
  assert_string_equal(pt2_error_message(),
                      "no instance of the model became free within 0.000 ms "
                      "(2 in all)");
  assert_int_equal(pt2__gate_enter(gate, PT2__GATE_ALONE, 0, NULL),
                   PT2_STATUS_TIMEOUT);
  pt2__gate_leave(gate, PT2__GATE_RUN);
  pt2__gate_leave(gate, PT2__GATE_RUN);
  assert_int_equal(pt2__gate_enter(gate, PT2__GATE_ALONE, 0, NULL), 0);
  assert_int_equal(pt2__gate_enter(gate, PT2__GATE_RUN, 0, NULL),
                   PT2_STATUS_TIMEOUT);
  pt2__gate_leave(gate, PT2__GATE_ALONE);
  pt2__gate_destroy(gate);
}

static void test_timeout_takes_its_time_and_leaves_the_queue(void** state) {
  (void)state;
  pt2__gate_t* gate = make_gate(1);
  assert_int_equal(pt2__gate_enter(gate, PT2__GATE_RUN, -1, NULL), 0);
  struct timespec before, after;
  clock_gettime(CLOCK_MONOTONIC, &before);
  assert_int_equal(pt2__gate_enter(gate, PT2__GATE_ALONE, 20000000, NULL),
                   PT2_STATUS_TIMEOUT);
  clock_gettime(CLOCK_MONOTONIC, &after);
  double ms = (double)(after.tv_sec - before.tv_sec) * 1e3 +
              (double)(after.tv_nsec - before.tv_nsec) / 1e6;
  assert_true(ms >= 20);
  size_t inside, waiting;
  pt2__gate_count(gate, &inside, &waiting);
  assert_int_equal(inside, 1);
  assert_int_equal(waiting, 0);
  pt2__gate_leave(gate, PT2__GATE_RUN);
  assert_int_equal(pt2__gate_enter(gate, PT2__GATE_RUN, 0, NULL), 0);
  pt2__gate_leave(gate, PT2__GATE_RUN);
  pt2__gate_destroy(gate);
}

// ---- Order -----------------------------------------------------------------

typedef struct {
  pt2__gate_t* gate;
  pt2__gate_kind_t kind;
  int number;
  atomic_int* order;  // who was let in, one after the other
  atomic_int* next;
  pt2_cancel_t* cancel;
  pt2_status_t status;
} caller_t;

static void* call(void* argument) {
  caller_t* caller = argument;
  caller->status =
      pt2__gate_enter(caller->gate, caller->kind, -1, caller->cancel);
  if (caller->status == PT2_STATUS_OK) {
    caller->order[atomic_fetch_add(caller->next, 1)] = caller->number;
    pt2__gate_leave(caller->gate, caller->kind);
  }
  return NULL;
}

enum { CALLERS = 8 };

static void test_first_come_first_served(void** state) {
  (void)state;
  pt2__gate_t* gate = make_gate(1);
  assert_int_equal(pt2__gate_enter(gate, PT2__GATE_RUN, -1, NULL), 0);
  atomic_int order[CALLERS];
  atomic_int next = 0;
  caller_t callers[CALLERS];
  pthread_t threads[CALLERS];
  for (int i = 0; i < CALLERS; ++i) {
    callers[i] =
        (caller_t){.gate = gate,
                   .kind = i % 3 == 1 ? PT2__GATE_ALONE : PT2__GATE_RUN,
                   .number = i,
                   .order = order,
                   .next = &next};
    assert_int_equal(pthread_create(&threads[i], NULL, call, &callers[i]), 0);
    wait_for_waiting(gate, (size_t)i + 1);
  }
  // Though one is asked for alone first, nobody who came later gets ahead.
  assert_int_equal(pt2__gate_enter(gate, PT2__GATE_RUN, 0, NULL),
                   PT2_STATUS_TIMEOUT);
  pt2__gate_leave(gate, PT2__GATE_RUN);
  for (int i = 0; i < CALLERS; ++i) {
    pthread_join(threads[i], NULL);
  }
  for (int i = 0; i < CALLERS; ++i) {
    assert_int_equal(order[i], i);
  }
  pt2__gate_destroy(gate);
}

static void test_cancel_wakes_only_its_calls(void** state) {
  (void)state;
  pt2__gate_t* gate = make_gate(1);
  pt2_cancel_t* cancel = NULL;
  assert_int_equal(pt2_cancel_create(&cancel), 0);
  assert_int_equal(pt2__gate_enter(gate, PT2__GATE_RUN, -1, NULL), 0);
  atomic_int order[CALLERS];
  atomic_int next = 0;
  caller_t callers[CALLERS];
  pthread_t threads[CALLERS];
  for (int i = 0; i < CALLERS; ++i) {
    callers[i] = (caller_t){.gate = gate,
                            .number = i,
                            .order = order,
                            .next = &next,
                            .cancel = i % 2 == 0 ? cancel : NULL};
    assert_int_equal(pthread_create(&threads[i], NULL, call, &callers[i]), 0);
    wait_for_waiting(gate, (size_t)i + 1);
  }
  pt2_cancel_set(cancel);
  wait_for_waiting(gate, CALLERS / 2);
  pt2__gate_leave(gate, PT2__GATE_RUN);
  for (int i = 0; i < CALLERS; ++i) {
    pthread_join(threads[i], NULL);
    assert_int_equal(callers[i].status,
                     i % 2 == 0 ? PT2_STATUS_CANCELLED : PT2_STATUS_OK);
  }
  for (int i = 0; i < CALLERS / 2; ++i) {
    assert_int_equal(order[i], 2 * i + 1);
  }
  assert_int_equal(pt2__gate_enter(gate, PT2__GATE_RUN, -1, cancel),
                   PT2_STATUS_CANCELLED);
  pt2_cancel_destroy(cancel);
  pt2__gate_destroy(gate);
}

// ---- Nobody is inside beside one that is alone -----------------------------

typedef struct {
  pt2__gate_t* gate;
  bool alone;
  bool good;
  long* value;  // written by those that are alone only
  atomic_int* inside;
} worker_t;

static void* work(void* argument) {
  worker_t* worker = argument;
  worker->good = true;
  for (int i = 0; i < 300; ++i) {
    pt2__gate_kind_t kind = worker->alone ? PT2__GATE_ALONE : PT2__GATE_RUN;
    worker->good &= pt2__gate_enter(worker->gate, kind, -1, NULL) == 0;
    int others = atomic_fetch_add(worker->inside, 1);
    worker->good &= others < (worker->alone ? 1 : 3);
    long seen = *worker->value;
    if (worker->alone) {
      *worker->value = seen + 1;
    }
    atomic_fetch_sub(worker->inside, 1);
    pt2__gate_leave(worker->gate, kind);
  }
  return NULL;
}

static void test_alone_is_alone(void** state) {
  (void)state;
  pt2__gate_t* gate = make_gate(3);
  long value = 0;
  atomic_int inside = 0;
  worker_t workers[CALLERS];
  pthread_t threads[CALLERS];
  for (int i = 0; i < CALLERS; ++i) {
    workers[i] = (worker_t){
        .gate = gate, .alone = i < 2, .value = &value, .inside = &inside};
    assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
  }
  for (int i = 0; i < CALLERS; ++i) {
    pthread_join(threads[i], NULL);
    assert_true(workers[i].good);
  }
  assert_int_equal(value, 600);
  pt2__gate_destroy(gate);
}

static void test_failed_allocations(void** state) {
  (void)state;
  pt2__gate_t* gate = NULL;
  pt2_cancel_t* cancel = NULL;
  pt2__fault_set(1, false);
  assert_int_equal(pt2__gate_create(1, &gate), PT2_STATUS_OUT_OF_MEMORY);
  pt2__fault_set(1, false);
  assert_int_equal(pt2_cancel_create(&cancel), PT2_STATUS_OUT_OF_MEMORY);
  pt2__fault_set(0, false);
  assert_null(gate);
  assert_null(cancel);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_capacity_and_no_waiting),
      cmocka_unit_test(test_timeout_takes_its_time_and_leaves_the_queue),
      cmocka_unit_test(test_first_come_first_served),
      cmocka_unit_test(test_cancel_wakes_only_its_calls),
      cmocka_unit_test(test_alone_is_alone),
      cmocka_unit_test(test_failed_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
