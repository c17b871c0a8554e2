// SPDX-License-Identifier: Apache-2.0
//
// Load on a model: see load.h.
#include "tooling/load.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tooling/print.h"

// What all threads share.
typedef struct {
  pt2_runner_t* runner;
  const pt2__load_plan_t* plan;
  size_t output_count;
  // Guards what follows up to |stop|.
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  size_t warm_count;  // threads that have warmed up, or failed
  bool started;
  atomic_bool stop;
  atomic_size_t failed_count;
} shared_t;

typedef struct {
  shared_t* shared;
  pthread_t thread;
  pt2__tensor_list_t inputs;
  pt2_tensor_t** outputs;
  pt2__histogram_t latencies;
  uint64_t end_ns;
  pt2_status_t status;
  char message[512];
} worker_t;

// ---- In a thread -----------------------------------------------------------

// One call; the time it took, or false if it failed.
static bool call_once(worker_t* worker, uint64_t* out_ns) {
  shared_t* shared = worker->shared;
  uint64_t start = pt2__clock_ns();
  worker->status =
      pt2_runner_run(shared->runner, worker->inputs.items, worker->inputs.count,
                     worker->outputs, shared->output_count);
  worker->end_ns = pt2__clock_ns();
  *out_ns = worker->end_ns - start;
  if (worker->status != PT2_STATUS_OK) {
    snprintf(worker->message, sizeof(worker->message), "%s",
             pt2_error_message());
    return false;
  }
  for (size_t i = 0; i < shared->output_count; ++i) {
    pt2_tensor_release(worker->outputs[i]);
    worker->outputs[i] = NULL;
  }
  return true;
}

// Says that this thread is warm and waits for the start.
static void wait_for_start(shared_t* shared) {
  pthread_mutex_lock(&shared->mutex);
  shared->warm_count += 1;
  pthread_cond_broadcast(&shared->changed);
  while (!shared->started) {
    pthread_cond_wait(&shared->changed, &shared->mutex);
  }
  pthread_mutex_unlock(&shared->mutex);
}

static void* work(void* user) {
  worker_t* worker = user;
  shared_t* shared = worker->shared;
  uint64_t ns = 0;
  bool good = true;
  for (size_t i = 0; i < shared->plan->warmup && good; ++i) {
    good = !atomic_load(&shared->stop) && call_once(worker, &ns);
  }
  if (!good) {
    atomic_fetch_add(&shared->failed_count, 1);
  }
  wait_for_start(shared);
  // At least one call, however short the time is.
  while (good) {
    good = call_once(worker, &ns);
    if (!good) {
      atomic_fetch_add(&shared->failed_count, 1);
      break;
    }
    pt2__histogram_add(&worker->latencies, ns);
    if (atomic_load_explicit(&shared->stop, memory_order_relaxed)) {
      break;
    }
  }
  return NULL;
}

// ---- Around them -----------------------------------------------------------

// The same elements in the same strides, so that a model that changes its
// inputs changes its own copy.
static int copy_inputs(const pt2__tensor_list_t* inputs,
                       pt2__tensor_list_t* list) {
  for (size_t i = 0; i < inputs->count; ++i) {
    const pt2_tensor_t* source = inputs->items[i];
    pt2_tensor_t* copy = NULL;
    pt2_status_t status = pt2_tensor_create_on(
        pt2_tensor_device_type(source), pt2_tensor_device_index(source),
        pt2_tensor_dtype(source), pt2_tensor_rank(source),
        pt2_tensor_peek_sizes(source), pt2_tensor_peek_strides(source), &copy);
    if (status == PT2_STATUS_OK) {
      status = pt2_tensor_copy(copy, source);
    }
    if (status != PT2_STATUS_OK) {
      pt2_tensor_release(copy);
      return pt2__tool_fail_status(status, "copying input %zu", i);
    }
    pt2__tensor_list_add(list, copy, NULL);
  }
  return PT2__EXIT_OK;
}

static void sleep_ms(long milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, NULL);
}

// Waits until the time is over or a thread has failed.
static void wait_for_end(shared_t* shared, double start) {
  const pt2__load_plan_t* plan = shared->plan;
  for (;;) {
    double left = start + plan->duration_seconds - pt2__clock_seconds();
    if (left <= 0 || atomic_load(&shared->failed_count) > 0) {
      break;
    }
    pt2__progress("concurrency %zu: %.1f of %.1f s", plan->concurrency,
                  plan->duration_seconds - left, plan->duration_seconds);
    sleep_ms(left < 0.1 ? (long)(left * 1e3) + 1 : 100);
  }
  atomic_store(&shared->stop, true);
}

static int start_threads(shared_t* shared, worker_t* workers,
                         size_t* out_started) {
  for (size_t i = 0; i < shared->plan->concurrency; ++i) {
    int cause = pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    if (cause != 0) {
      return pt2__tool_fail(PT2__EXIT_FAILED, "cannot start thread %zu: %s",
                            i + 1, strerror(cause));
    }
    ++*out_started;
  }
  return PT2__EXIT_OK;
}

// Opens the gate once |count| threads are warm; the time of the start.
static uint64_t open_gate(shared_t* shared, size_t count) {
  pt2__progress("concurrency %zu: warming up", shared->plan->concurrency);
  pthread_mutex_lock(&shared->mutex);
  while (shared->warm_count < count) {
    pthread_cond_wait(&shared->changed, &shared->mutex);
  }
  uint64_t start = pt2__clock_ns();
  shared->started = true;
  pthread_cond_broadcast(&shared->changed);
  pthread_mutex_unlock(&shared->mutex);
  return start;
}

static int run_threads(shared_t* shared, worker_t* workers,
                       pt2__load_result_t* out_result) {
  size_t count = 0;
  int result = start_threads(shared, workers, &count);
  if (result != PT2__EXIT_OK) {
    atomic_store(&shared->stop, true);
  }
  uint64_t start = open_gate(shared, count);
  if (result == PT2__EXIT_OK) {
    wait_for_end(shared, (double)start * 1e-9);
  }
  uint64_t end = start;
  for (size_t i = 0; i < count; ++i) {
    pthread_join(workers[i].thread, NULL);
    pt2__histogram_merge(&out_result->latencies, &workers[i].latencies);
    end = workers[i].end_ns > end ? workers[i].end_ns : end;
    if (workers[i].status != PT2_STATUS_OK && result == PT2__EXIT_OK) {
      result = pt2__tool_fail(PT2__EXIT_FAILED, "%s", workers[i].message);
    }
  }
  out_result->wall_seconds = (double)(end - start) * 1e-9;
  return result;
}

int pt2__load_run(pt2_runner_t* runner, const pt2__tensor_list_t* inputs,
                  const pt2__load_plan_t* plan,
                  pt2__load_result_t* out_result) {
  shared_t shared = {.runner = runner,
                     .plan = plan,
                     .output_count = pt2_runner_output_count(runner),
                     .mutex = PTHREAD_MUTEX_INITIALIZER,
                     .changed = PTHREAD_COND_INITIALIZER};
  worker_t* workers = pt2__tool_alloc(plan->concurrency * sizeof(*workers));
  int result = PT2__EXIT_OK;
  for (size_t i = 0; i < plan->concurrency; ++i) {
    workers[i].shared = &shared;
    workers[i].outputs =
        pt2__tool_alloc(shared.output_count * sizeof(*workers[i].outputs));
    if (result == PT2__EXIT_OK) {
      result = copy_inputs(inputs, &workers[i].inputs);
    }
  }
  memset(out_result, 0, sizeof(*out_result));
  if (result == PT2__EXIT_OK) {
    result = run_threads(&shared, workers, out_result);
  }
  for (size_t i = 0; i < plan->concurrency; ++i) {
    pt2__tensor_list_free(&workers[i].inputs);
    free(workers[i].outputs);
  }
  free(workers);
  pthread_cond_destroy(&shared.changed);
  pthread_mutex_destroy(&shared.mutex);
  pt2__progress_clear();
  return result;
}
