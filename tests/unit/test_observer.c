// SPDX-License-Identifier: Apache-2.0
//
// Observers: what they are told, in which order, from several threads, and
// that they can be removed while models run.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "pt2/pt2.h"
#include "support/skip.h"

#define ADD PT2_TEST_GOLDEN "/avx2/2.15.0/add.pt2"
#define MLP PT2_TEST_GOLDEN "/avx2/2.15.0/mlp.pt2"

enum { ROWS = 8, COLUMNS = 16, THREADS = 4, RUNS = 200, KEPT = 32 };

static pt2_runner_t* load_file(const char* path) {
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  if (pt2_package_open(path, NULL, &package) != PT2_STATUS_OK ||
      pt2_runner_create(package, NULL, &runner) != PT2_STATUS_OK) {
    print_error("%s\n", pt2_error_message());
  }
  pt2_package_release(package);
  assert_non_null(runner);
  return runner;
}

static pt2_runner_t* load(void) { return load_file(ADD); }

static pt2_tensor_t* make_input(int64_t columns) {
  const int64_t sizes[] = {ROWS, columns};
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 2, sizes, NULL, &tensor),
                   PT2_STATUS_OK);
  memset(pt2_tensor_peek_data(tensor), 0,
         sizeof(float) * (size_t)(ROWS * columns));
  return tensor;
}

// One run of |runner|, which must have one input and one output.
static pt2_status_t run_once(pt2_runner_t* runner, pt2_tensor_t* input) {
  pt2_tensor_t* output = NULL;
  pt2_status_t status = pt2_runner_run(runner, &input, 1, &output, 1);
  pt2_tensor_release(output);
  return status;
}

// ---- Order -----------------------------------------------------------------

typedef struct {
  size_t count;
  int who[KEPT];
  pt2_event_t events[KEPT];
} log_t;

typedef struct {
  int who;
  log_t* log;
} watcher_t;

static void note(void* user, const pt2_event_t* event) {
  watcher_t* watcher = user;
  log_t* log = watcher->log;
  if (log->count < KEPT) {
    log->who[log->count] = watcher->who;
    log->events[log->count] = *event;
  }
  ++log->count;
}

static void check_pair(const pt2_event_t* begin, const pt2_event_t* end,
                       int32_t kind) {
  assert_int_equal(begin->kind, kind);
  assert_int_equal(begin->status, PT2_STATUS_OK);
  assert_int_equal(begin->duration_ns, 0);
  assert_int_equal(end->kind, kind + 1);
  assert_int_equal(begin->id, end->id);
  assert_int_equal(end->duration_ns, end->time_ns - begin->time_ns);
  assert_true(end->waited_ns >= 0 && end->waited_ns <= end->duration_ns);
}

static void test_load_and_runs_in_order(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  log_t log = {0};
  watcher_t one = {1, &log};
  watcher_t two = {2, &log};
  pt2_observer_t* first = NULL;
  pt2_observer_t* second = NULL;
  assert_int_equal(pt2_observer_add(note, &one, &first), PT2_STATUS_OK);
  assert_int_equal(pt2_observer_add(note, &two, &second), PT2_STATUS_OK);
  pt2_runner_t* runner = load();
  pt2_tensor_t* input = make_input(COLUMNS);
  assert_int_equal(run_once(runner, input), PT2_STATUS_OK);
  assert_int_equal(log.count, 8);
  for (size_t i = 0; i < 8; ++i) {
    assert_int_equal(log.who[i], i % 2 == 0 ? 1 : 2);
    assert_int_equal(log.events[i].struct_bytes, sizeof(pt2_event_t));
  }
  check_pair(&log.events[0], &log.events[2], PT2_EVENT_LOAD_BEGIN);
  assert_null(log.events[0].runner);
  assert_ptr_equal(log.events[0].package, pt2_runner_peek_package(runner));
  assert_ptr_equal(log.events[2].runner, runner);
  check_pair(&log.events[4], &log.events[6], PT2_EVENT_RUN_BEGIN);
  assert_ptr_equal(log.events[4].runner, runner);
  assert_true(log.events[4].id > log.events[0].id);
  pt2_observer_remove(first);
  assert_int_equal(run_once(runner, input), PT2_STATUS_OK);
  assert_int_equal(log.count, 10);
  assert_int_equal(log.who[8], 2);
  pt2_observer_remove(second);
  assert_int_equal(run_once(runner, input), PT2_STATUS_OK);
  assert_int_equal(log.count, 10);
  pt2_tensor_release(input);
  pt2_runner_release(runner);
}

// ---- Failures --------------------------------------------------------------

typedef struct {
  pt2_status_t status;
  size_t ends;
} failure_t;

// Uses the library, which overwrites the thread's error.
static void spoil_error(void* user, const pt2_event_t* event) {
  failure_t* failure = user;
  pt2_package_t* package = NULL;
  assert_int_not_equal(pt2_package_open("/no/such/file", NULL, &package),
                       PT2_STATUS_OK);
  if (event->kind == PT2_EVENT_RUN_END || event->kind == PT2_EVENT_LOAD_END) {
    failure->status = event->status;
    ++failure->ends;
    assert_true(event->status == PT2_STATUS_OK ||
                event->kind == PT2_EVENT_RUN_END || event->runner == NULL);
  }
}

static void test_failures_are_told_and_keep_their_message(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_runner_t* runner = load();
  failure_t failure = {0};
  pt2_observer_t* observer = NULL;
  assert_int_equal(pt2_observer_add(spoil_error, &failure, &observer), 0);
  pt2_tensor_t* wrong = make_input(COLUMNS + 1);
  assert_int_equal(run_once(runner, wrong), PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(),
                      "input 0 (ARGS[0]) dim 1: expected 16, got 17");
  assert_int_equal(failure.ends, 1);
  assert_int_equal(failure.status, PT2_STATUS_INVALID_ARGUMENT);
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.num_runners = 0;
  pt2_runner_t* none = NULL;
  assert_int_equal(
      pt2_runner_create(pt2_runner_peek_package(runner), &options, &none),
      PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(),
                      "num_runners is 0, at least 1 is needed");
  assert_null(none);
  assert_int_equal(failure.ends, 2);
  assert_int_equal(failure.status, PT2_STATUS_INVALID_ARGUMENT);
  pt2_observer_remove(observer);
  pt2_tensor_release(wrong);
  pt2_runner_release(runner);
}

static void test_add_fails_cleanly(void** state) {
  (void)state;
  pt2_observer_t* observer = NULL;
  assert_int_equal(pt2_observer_add(NULL, NULL, &observer),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_observer_add(note, NULL, NULL),
                   PT2_STATUS_INVALID_ARGUMENT);
  pt2__fault_set(1, false);
  pt2_status_t status = pt2_observer_add(note, NULL, &observer);
  pt2__fault_set(0, false);
  assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
  assert_null(observer);
  pt2_observer_remove(NULL);
}

// ---- Begin and end ---------------------------------------------------------

typedef struct {
  log_t* log;
  watcher_t* late;
  pt2_observer_t* added;
} adder_t;

static void add_at_begin(void* user, const pt2_event_t* event) {
  adder_t* adder = user;
  if (event->kind == PT2_EVENT_RUN_BEGIN && adder->added == NULL) {
    assert_int_equal(pt2_observer_add(note, adder->late, &adder->added), 0);
  }
}

static void test_no_end_without_its_begin(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  log_t log = {0};
  watcher_t late = {1, &log};
  adder_t adder = {&log, &late, NULL};
  pt2_runner_t* runner = load();
  pt2_tensor_t* input = make_input(COLUMNS);
  pt2_observer_t* observer = NULL;
  assert_int_equal(pt2_observer_add(add_at_begin, &adder, &observer), 0);
  assert_int_equal(run_once(runner, input), PT2_STATUS_OK);
  assert_non_null(adder.added);
  assert_int_equal(log.count, 0);
  assert_int_equal(run_once(runner, input), PT2_STATUS_OK);
  assert_int_equal(log.count, 2);
  check_pair(&log.events[0], &log.events[1], PT2_EVENT_RUN_BEGIN);
  pt2_observer_remove(observer);
  pt2_observer_remove(adder.added);
  pt2_tensor_release(input);
  pt2_runner_release(runner);
}

static void test_changes_of_constants_are_told(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_runner_t* runner = load_file(MLP);
  pt2_constant_info_t info;
  assert_int_equal(pt2_runner_constant_info(runner, 0, &info), 0);
  pt2_named_tensor_t constant = {.name = info.fqn};
  assert_int_equal(
      pt2_runner_extract_constant(runner, info.fqn, false, &constant.tensor),
      0);
  log_t log = {0};
  watcher_t watcher = {1, &log};
  pt2_observer_t* observer = NULL;
  assert_int_equal(pt2_observer_add(note, &watcher, &observer), 0);
  assert_int_equal(pt2_runner_swap_constants(runner),
                   PT2_STATUS_FAILED_PRECONDITION);
  assert_int_equal(pt2_runner_update_constants(runner, &constant, 1, NULL),
                   PT2_STATUS_OK);
  constant.name = "no such constant";
  assert_int_equal(pt2_runner_update_constants(runner, &constant, 1, NULL),
                   PT2_STATUS_NOT_FOUND);
  assert_int_equal(log.count, 6);
  check_pair(&log.events[0], &log.events[1], PT2_EVENT_SWAP_BEGIN);
  assert_int_equal(log.events[1].status, PT2_STATUS_FAILED_PRECONDITION);
  check_pair(&log.events[2], &log.events[3], PT2_EVENT_UPDATE_BEGIN);
  assert_int_equal(log.events[3].status, PT2_STATUS_OK);
  check_pair(&log.events[4], &log.events[5], PT2_EVENT_UPDATE_BEGIN);
  assert_int_equal(log.events[5].status, PT2_STATUS_NOT_FOUND);
  for (size_t i = 0; i < log.count; ++i) {
    assert_ptr_equal(log.events[i].runner, runner);
  }
  pt2_observer_remove(observer);
  pt2_tensor_release(constant.tensor);
  pt2_runner_release(runner);
}

// ---- Threads ---------------------------------------------------------------

typedef struct {
  atomic_size_t begins;
  atomic_size_t ends;
  atomic_bool removed;
  atomic_size_t after_removal;
} totals_t;

static void count(void* user, const pt2_event_t* event) {
  totals_t* totals = user;
  if (atomic_load(&totals->removed)) {
    atomic_fetch_add(&totals->after_removal, 1);
  }
  if (event->kind == PT2_EVENT_RUN_BEGIN) {
    atomic_fetch_add(&totals->begins, 1);
  } else if (event->kind == PT2_EVENT_RUN_END) {
    atomic_fetch_add(&totals->ends, 1);
  }
}

typedef struct {
  pt2_runner_t* runner;
  size_t failures;
} load_thread_t;

static void* run_many(void* argument) {
  load_thread_t* self = argument;
  pt2_tensor_t* input = make_input(COLUMNS);
  for (int i = 0; i < RUNS; ++i) {
    self->failures += run_once(self->runner, input) != PT2_STATUS_OK;
  }
  pt2_tensor_release(input);
  return NULL;
}

static void test_removed_while_models_run(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_runner_t* runner = load();
  totals_t always = {0};
  pt2_observer_t* observer = NULL;
  assert_int_equal(pt2_observer_add(count, &always, &observer), 0);
  pthread_t threads[THREADS];
  load_thread_t loads[THREADS];
  for (int i = 0; i < THREADS; ++i) {
    loads[i] = (load_thread_t){runner, 0};
    assert_int_equal(pthread_create(&threads[i], NULL, run_many, &loads[i]), 0);
  }
  static totals_t brief[RUNS];
  for (int i = 0; i < RUNS; ++i) {
    pt2_observer_t* short_lived = NULL;
    assert_int_equal(pt2_observer_add(count, &brief[i], &short_lived), 0);
    pt2_observer_remove(short_lived);
    atomic_store(&brief[i].removed, true);
  }
  for (int i = 0; i < THREADS; ++i) {
    pthread_join(threads[i], NULL);
    assert_int_equal(loads[i].failures, 0);
  }
  for (int i = 0; i < RUNS; ++i) {
    assert_int_equal(atomic_load(&brief[i].after_removal), 0);
    assert_true(atomic_load(&brief[i].ends) <= atomic_load(&brief[i].begins));
  }
  assert_int_equal(atomic_load(&always.begins), THREADS * RUNS);
  assert_int_equal(atomic_load(&always.ends), THREADS * RUNS);
  pt2_observer_remove(observer);
  pt2_runner_release(runner);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_load_and_runs_in_order),
      cmocka_unit_test(test_failures_are_told_and_keep_their_message),
      cmocka_unit_test(test_add_fails_cleanly),
      cmocka_unit_test(test_no_end_without_its_begin),
      cmocka_unit_test(test_changes_of_constants_are_told),
      cmocka_unit_test(test_removed_while_models_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
