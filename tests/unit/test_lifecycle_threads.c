// SPDX-License-Identifier: Apache-2.0
//
// Several threads that each load, run and unload packages of their own at the
// same time, some of which fail.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "pt2/pt2.h"
#include "support/skip.h"

#define GOLDEN PT2_TEST_GOLDEN "/avx2/2.15.0/"

enum { THREADS = 6, TURNS = 8, ROWS = 8, COLUMNS = 16 };

// All of these take one input of 8 x 16.
static const char* const kPackages[] = {
    GOLDEN "add.pt2", GOLDEN "mlp.pt2", GOLDEN "mlpmmap.pt2",
    GOLDEN "mlpblob2.pt2", GOLDEN "mlpfreeze.pt2"};
enum { PACKAGES = sizeof(kPackages) / sizeof(kPackages[0]) };

typedef struct {
  float values[ROWS * COLUMNS];
  size_t count;
} result_t;

// Loads, runs and unloads; false if anything went wrong.
static bool live(const char* path, result_t* out_result) {
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  pt2_tensor_t* input = NULL;
  pt2_tensor_t* output = NULL;
  const int64_t sizes[] = {ROWS, COLUMNS};
  bool good = pt2_tensor_create(PT2_DTYPE_F32, 2, sizes, NULL, &input) == 0 &&
              pt2_package_open(path, NULL, &package) == 0 &&
              pt2_runner_create(package, NULL, &runner) == 0;
  if (good) {
    float* data = pt2_tensor_peek_data(input);
    for (int i = 0; i < ROWS * COLUMNS; ++i) {
      data[i] = (float)(i % 11) - 5;
    }
    good = pt2_runner_run(runner, &input, 1, &output, 1) == 0;
  }
  if (good) {
    out_result->count = (size_t)pt2_tensor_numel(output);
    good = out_result->count <= ROWS * COLUMNS;
  }
  if (good) {
    memcpy(out_result->values, pt2_tensor_peek_data(output),
           out_result->count * sizeof(float));
  }
  pt2_tensor_release(input);
  pt2_tensor_release(output);
  pt2_runner_release(runner);
  pt2_package_release(package);
  return good;
}

// A load that is refused; the words are this thread's own.
static bool fail_to_load(int number) {
  char path[64];
  pt2_package_t* package = NULL;
  snprintf(path, sizeof(path), "/nowhere/%d.pt2", number);
  return pt2_package_open(path, NULL, &package) == PT2_STATUS_NOT_FOUND &&
         package == NULL &&
         strncmp(pt2_error_message(), path, strlen(path)) == 0;
}

typedef struct {
  int number;
  const result_t* wanted;
  atomic_int* waiting;
  int good_turns;
} loader_t;

static void* load_many(void* argument) {
  loader_t* loader = argument;
  // All begin at once.
  atomic_fetch_sub(loader->waiting, 1);
  while (atomic_load(loader->waiting) > 0) {
  }
  for (int turn = 0; turn < TURNS; ++turn) {
    int index = (loader->number + turn) % PACKAGES;
    const result_t* wanted = &loader->wanted[index];
    result_t result;
    loader->good_turns +=
        live(kPackages[index], &result) && result.count == wanted->count &&
        memcmp(result.values, wanted->values, wanted->count * sizeof(float)) ==
            0 &&
        fail_to_load(loader->number);
  }
  return NULL;
}

static size_t count_mappings(void) {
  FILE* file = fopen("/proc/self/maps", "r");
  assert_non_null(file);
  char line[1024];
  size_t count = 0;
  while (fgets(line, sizeof(line), file) != NULL) {
    count += strstr(line, "pt2-model") != NULL;
  }
  fclose(file);
  return count;
}

static void test_threads_load_packages_of_their_own(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  static result_t wanted[PACKAGES];
  for (int i = 0; i < PACKAGES; ++i) {
    assert_true(live(kPackages[i], &wanted[i]));
    assert_true(wanted[i].count > 0);
  }
  pthread_t threads[THREADS];
  loader_t loaders[THREADS];
  atomic_int waiting = THREADS;
  for (int i = 0; i < THREADS; ++i) {
    loaders[i] = (loader_t){.number = i, .wanted = wanted, .waiting = &waiting};
    assert_int_equal(pthread_create(&threads[i], NULL, load_many, &loaders[i]),
                     0);
  }
  for (int i = 0; i < THREADS; ++i) {
    pthread_join(threads[i], NULL);
    assert_int_equal(loaders[i].good_turns, TURNS);
  }
  assert_int_equal(count_mappings(), 0);
}

// One package, many runners of it, made and dropped by several threads.
typedef struct {
  pt2_package_t* package;
  int made;
} maker_t;

static void* make_many(void* argument) {
  maker_t* maker = argument;
  for (int turn = 0; turn < TURNS; ++turn) {
    pt2_runner_t* runner = NULL;
    maker->made += pt2_runner_create(maker->package, NULL, &runner) == 0;
    pt2_runner_release(runner);
  }
  pt2_package_release(maker->package);
  return NULL;
}

static void test_threads_share_a_package(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_package_t* package = NULL;
  assert_int_equal(pt2_package_open(kPackages[1], NULL, &package), 0);
  pthread_t threads[THREADS];
  maker_t makers[THREADS];
  for (int i = 0; i < THREADS; ++i) {
    pt2_package_retain(package);
    makers[i] = (maker_t){.package = package};
    assert_int_equal(pthread_create(&threads[i], NULL, make_many, &makers[i]),
                     0);
  }
  pt2_package_release(package);
  for (int i = 0; i < THREADS; ++i) {
    pthread_join(threads[i], NULL);
    assert_int_equal(makers[i].made, TURNS);
  }
  assert_int_equal(count_mappings(), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_threads_load_packages_of_their_own),
      cmocka_unit_test(test_threads_share_a_package),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
