// SPDX-License-Identifier: Apache-2.0
//
// One trace of runners that several threads use, while it is read and cleared.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "pt2/pt2.h"
#include "support/skip.h"
#include "support/trace_reader.h"

#define GOLDEN PT2_TEST_GOLDEN "/avx2/2.15.0/"

enum { ROWS = 8, COLUMNS = 16, THREADS = 4, RUNS = 150 };

typedef struct {
  pt2_runner_t* runner;
  size_t failures;
} caller_t;

static void* run_many(void* argument) {
  caller_t* self = argument;
  const int64_t sizes[] = {ROWS, COLUMNS};
  pt2_tensor_t* input = NULL;
  if (pt2_tensor_create(PT2_DTYPE_F32, 2, sizes, NULL, &input) != 0) {
    ++self->failures;
    return NULL;
  }
  memset(pt2_tensor_peek_data(input), 0, sizeof(float) * ROWS * COLUMNS);
  for (int i = 0; i < RUNS; ++i) {
    pt2_tensor_t* output = NULL;
    self->failures += pt2_runner_run(self->runner, &input, 1, &output, 1) != 0;
    pt2_tensor_release(output);
  }
  pt2_tensor_release(input);
  return NULL;
}

static pt2_runner_t* load(const char* path, pt2_trace_t* trace) {
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.trace = trace;
  options.num_runners = 2;
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  assert_int_equal(pt2_package_open(path, NULL, &package), PT2_STATUS_OK);
  assert_int_equal(pt2_runner_create(package, &options, &runner),
                   PT2_STATUS_OK);
  pt2_package_release(package);
  return runner;
}

// Half of the threads on each of two runners; |clears|: the trace is emptied
// meanwhile.
static void run_threads(pt2_trace_t* trace, bool clears) {
  pt2_runner_t* runners[] = {load(GOLDEN "mlp.pt2", trace),
                             load(GOLDEN "mlpdyn.pt2", trace)};
  pthread_t threads[THREADS];
  caller_t callers[THREADS];
  for (int i = 0; i < THREADS; ++i) {
    callers[i] = (caller_t){.runner = runners[i % 2]};
    assert_int_equal(pthread_create(&threads[i], NULL, run_many, &callers[i]),
                     0);
  }
  for (int i = 0; i < 5; ++i) {
    events_t events = read_events(trace);
    check_nesting(&events, false);
    free_events(&events);
    if (clears) {
      pt2_trace_clear(trace);
    }
  }
  for (int i = 0; i < THREADS; ++i) {
    pthread_join(threads[i], NULL);
    assert_int_equal(callers[i].failures, 0);
  }
  pt2_runner_release(runners[0]);
  pt2_runner_release(runners[1]);
}

static void check_counters(pt2_trace_t* trace) {
  pt2_trace_counter_t counter =
      read_counter(trace, PT2_TRACE_OPERATOR, "aten::addmm_out");
  assert_int_equal(counter.calls, 2 * THREADS * RUNS);
  assert_int_equal(counter.self_ns, counter.total_ns);
  assert_true(counter.largest_ns > 0 && counter.largest_ns <= counter.total_ns);
  counter = read_counter(trace, PT2_TRACE_RUN, "run model");
  assert_int_equal(counter.calls, THREADS * RUNS);
  assert_int_equal(counter.failures, 0);
}

static void test_runs_on_threads(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_trace_t* trace = NULL;
  assert_int_equal(pt2_trace_create(NULL, &trace), PT2_STATUS_OK);
  run_threads(trace, false);
  check_counters(trace);
  events_t events = read_events(trace);
  check_nesting(&events, true);
  assert_int_equal(count_events(&events, "run", NULL), THREADS * RUNS);
  assert_int_equal(count_events(&events, "operator", NULL), 2 * THREADS * RUNS);
  size_t of_second = 0;
  for (size_t i = 0; i < events.count; ++i) {
    long long runner = json_integer_value(
        json_object_get(events.events[i].arguments, "runner"));
    assert_true(runner == 1 || runner == 2);
    of_second += runner == 2;
  }
  assert_int_equal(of_second, events.count / 2);
  free_events(&events);
  pt2_trace_release(trace);
}

static void test_cleared_while_models_run(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_trace_options_t options;
  pt2_trace_options_init(&options);
  options.limit_bytes = (size_t)1 << 18;
  pt2_trace_t* trace = NULL;
  assert_int_equal(pt2_trace_create(&options, &trace), PT2_STATUS_OK);
  run_threads(trace, true);
  check_counters(trace);
  pt2_trace_statistics_t statistics = {.struct_bytes = sizeof(statistics)};
  assert_int_equal(pt2_trace_statistics(trace, &statistics), PT2_STATUS_OK);
  assert_true(statistics.held_bytes <=
              options.limit_bytes + 1024 * pt2_trace_counter_count(trace));
  pt2_trace_release(trace);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_runs_on_threads),
      cmocka_unit_test(test_cleared_while_models_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
