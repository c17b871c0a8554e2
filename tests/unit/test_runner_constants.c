// SPDX-License-Identifier: Apache-2.0
//
// Constants of a model while allocations fail and while other threads run it.
// What updates, swaps and folds mean is tested against PyTorch in tests/runner.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "pt2/pt2.h"
#include "support/skip.h"

#define MLP_OF(release) PT2_TEST_GOLDEN "/avx2/" release "/mlp.pt2"
#define MLP MLP_OF("2.15.0")

enum { ROWS = 8, INPUTS = 16, HIDDEN = 32, OUTPUTS = 4, NAMES = 3 };

static pt2_runner_t* load_file(const char* path, size_t num_runners) {
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.num_runners = num_runners;
  assert_int_equal(pt2_package_open(path, NULL, &package), 0);
  assert_int_equal(pt2_runner_create(package, &options, &runner), 0);
  pt2_package_release(package);
  return runner;
}

static pt2_runner_t* load(size_t num_runners) {
  return load_file(MLP, num_runners);
}

static pt2_tensor_t* filled(size_t rank, const int64_t* sizes, float value) {
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, rank, sizes, NULL, &tensor),
                   0);
  float* data = pt2_tensor_peek_data(tensor);
  for (int64_t i = 0; i < pt2_tensor_numel(tensor); ++i) {
    data[i] = value;
  }
  return tensor;
}

// Constants with which every output is the last layer's own offset plus
// |value| * HIDDEN.
static void make_constants(float value, pt2_named_tensor_t* out) {
  out[0] = (pt2_named_tensor_t){"a.weight",
                                filled(2, (int64_t[]){HIDDEN, INPUTS}, 0)};
  out[1] = (pt2_named_tensor_t){"a.bias", filled(1, (int64_t[]){HIDDEN}, 1)};
  out[2] = (pt2_named_tensor_t){"b.weight",
                                filled(2, (int64_t[]){OUTPUTS, HIDDEN}, value)};
}

static void release_constants(pt2_named_tensor_t* constants) {
  for (int i = 0; i < NAMES; ++i) {
    pt2_tensor_release(constants[i].tensor);
  }
}

// The first row of what the model makes of zeros.
static bool run(pt2_runner_t* runner, float* out_row) {
  pt2_tensor_t* input = filled(2, (int64_t[]){ROWS, INPUTS}, 0);
  pt2_tensor_t* output = NULL;
  bool good = pt2_runner_run(runner, &input, 1, &output, 1) == 0;
  if (good) {
    memcpy(out_row, pt2_tensor_peek_data(output), OUTPUTS * sizeof(float));
    pt2_tensor_release(output);
  }
  pt2_tensor_release(input);
  return good;
}

static float distance(const float* a, const float* b) {
  float most = 0;
  for (int i = 0; i < OUTPUTS; ++i) {
    float d = a[i] > b[i] ? a[i] - b[i] : b[i] - a[i];
    most = d > most ? d : most;
  }
  return most;
}

static void test_every_failed_allocation_keeps_the_old(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_named_tensor_t constants[2][NAMES];
  make_constants(1, constants[0]);
  make_constants(2, constants[1]);
  size_t failures = 0;
  for (int way = 0; way < 4; ++way) {
    for (uint64_t nth = 1;; ++nth) {
      pt2_runner_t* runner = load(1);
      float before[OUTPUTS], after[OUTPUTS], target[OUTPUTS];
      pt2_constants_options_t options;
      pt2_constants_options_init(&options);
      assert_int_equal(
          pt2_runner_update_constants(runner, constants[0], NAMES, NULL), 0);
      assert_true(run(runner, before));
      for (int i = 0; i < OUTPUTS; ++i) {
        target[i] = before[i] + HIDDEN;  // 2 * HIDDEN instead of HIDDEN
      }
      options.use_inactive = way % 2 == 1;
      options.user_managed = way >= 2;
      pt2__fault_set(nth, false);
      pt2_status_t status =
          pt2_runner_update_constants(runner, constants[1], NAMES, &options);
      if (status == PT2_STATUS_OK && options.use_inactive) {
        status = pt2_runner_swap_constants(runner);
      }
      uint64_t seen = pt2__fault_set(0, false);
      failures += status != PT2_STATUS_OK;
      assert_true(run(runner, after));
      assert_true(distance(after, status == 0 ? target : before) < 1e-3f);
      pt2_runner_release(runner);
      if (seen < nth) {
        assert_int_equal(status, 0);
        break;
      }
    }
  }
  assert_true(failures > 20);
  release_constants(constants[0]);
  release_constants(constants[1]);
}

// ---- Other sources ---------------------------------------------------------

// Makes each allocation of |change| fail in turn: the runner then gives
// |constants[0]|'s answers, and |constants[1]|'s once it succeeds.
typedef pt2_status_t (*change_fn)(pt2_runner_t* runner, void* user);

static size_t fail_each(const char* path, change_fn change, void* user) {
  pt2_named_tensor_t constants[NAMES];
  make_constants(1, constants);
  size_t failures = 0;
  for (uint64_t nth = 1;; ++nth) {
    pt2_runner_t* runner = load_file(path, 1);
    float before[OUTPUTS], after[OUTPUTS], target[OUTPUTS];
    assert_int_equal(
        pt2_runner_update_constants(runner, constants, NAMES, NULL), 0);
    assert_true(run(runner, before));
    for (int i = 0; i < OUTPUTS; ++i) {
      target[i] = before[i] + HIDDEN;
    }
    pt2__fault_set(nth, false);
    pt2_status_t status = change(runner, user);
    uint64_t seen = pt2__fault_set(0, false);
    failures += status != PT2_STATUS_OK;
    assert_true(run(runner, after));
    assert_true(distance(after, status == 0 ? target : before) < 1e-3f);
    pt2_runner_release(runner);
    if (seen < nth) {
      assert_int_equal(status, 0);
      break;
    }
  }
  release_constants(constants);
  return failures;
}

static pt2_status_t from_file(pt2_runner_t* runner, void* user) {
  return pt2_runner_load_constants(runner, user, NULL);
}

static pt2_status_t from_file_by_swap(pt2_runner_t* runner, void* user) {
  pt2_load_options_t options;
  pt2_load_options_init(&options);
  options.use_inactive = true;
  pt2_status_t status = pt2_runner_load_constants(runner, user, &options);
  return status != PT2_STATUS_OK ? status : pt2_runner_swap_constants(runner);
}

static pt2_status_t from_memory(pt2_runner_t* runner, void* user) {
  return pt2_runner_update_constants(runner, user, NAMES, NULL);
}

static pt2_status_t from_other(pt2_runner_t* runner, void* user) {
  pt2_share_options_t options;
  pt2_share_options_init(&options);
  options.require_all = true;
  size_t count = 0;
  pt2_status_t status =
      pt2_runner_share_constants(runner, user, &options, &count);
  assert_int_equal(count, status == PT2_STATUS_OK ? NAMES : 0);
  return status;
}

// A blob and a safetensors file of constants with |value|.
static void write_files(float value, char* blob_path, char* named_path) {
  pt2_named_tensor_t constants[NAMES];
  make_constants(value, constants);
  FILE* blob = fopen(blob_path, "wb");
  FILE* named = fopen(named_path, "wb");
  assert_true(blob != NULL && named != NULL);
  const char header[] =
      "{\"a.weight\":{\"dtype\":\"F32\",\"shape\":[32,16],"
      "\"data_offsets\":[0,2048]},"
      "\"a.bias\":{\"dtype\":\"F32\",\"shape\":[32],"
      "\"data_offsets\":[2048,2176]},"
      "\"b.weight\":{\"dtype\":\"F32\",\"shape\":[4,32],"
      "\"data_offsets\":[2176,2688]}}";
  const uint8_t length[8] = {(uint8_t)strlen(header),
                             (uint8_t)(strlen(header) >> 8)};
  fwrite(length, 1, 8, named);
  fwrite(header, 1, strlen(header), named);
  for (int i = 0; i < NAMES; ++i) {
    size_t bytes = (size_t)pt2_tensor_numel(constants[i].tensor) * 4;
    const void* data = pt2_tensor_peek_data(constants[i].tensor);
    assert_int_equal(fwrite(data, 1, bytes, blob), bytes);
    assert_int_equal(fwrite(data, 1, bytes, named), bytes);
  }
  assert_int_equal(fclose(blob) + fclose(named), 0);
  release_constants(constants);
}

static void test_failed_loading_keeps_the_old(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  static const char* const kPaths[] = {MLP, MLP_OF("2.6.0"), MLP_OF("2.7.1"),
                                       MLP_OF("2.8.0")};
  char folder[] = "/tmp/pt2-constants-XXXXXX";
  char blob[64], named[64];
  assert_non_null(mkdtemp(folder));
  snprintf(blob, sizeof(blob), "%s/w.blob", folder);
  snprintf(named, sizeof(named), "%s/w.safetensors", folder);
  write_files(2, blob, named);
  for (size_t i = 0; i < 4; ++i) {
    assert_true(fail_each(kPaths[i], from_file, blob) > 5);
    assert_true(fail_each(kPaths[i], from_file, named) > 5);
    assert_true(fail_each(kPaths[i], from_file_by_swap, named) > 5);
  }
  remove(blob);
  remove(named);
  remove(folder);
}

static void test_failed_sharing_keeps_the_old(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  static const char* const kPaths[] = {MLP, MLP_OF("2.6.0"), MLP_OF("2.7.1"),
                                       MLP_OF("2.8.0")};
  pt2_named_tensor_t constants[NAMES];
  make_constants(2, constants);
  for (size_t i = 0; i < 4; ++i) {
    pt2_runner_t* first = load_file(kPaths[3 - i], 1);
    assert_int_equal(pt2_runner_update_constants(first, constants, NAMES, NULL),
                     0);
    assert_true(fail_each(kPaths[i], from_other, first) > 5);
    assert_true(fail_each(kPaths[i], from_memory, constants) > 5);
    pt2_runner_release(first);
  }
  release_constants(constants);
}

// What a package came with moves out of the container when it is shared: a
// failure on the way leaves both models as they were.
static void test_failed_adoption(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  static const char* const kPaths[] = {MLP, MLP_OF("2.6.0"), MLP_OF("2.7.1"),
                                       MLP_OF("2.8.0")};
  size_t failures = 0;
  for (size_t i = 0; i < 4; ++i) {
    for (uint64_t nth = 1;; ++nth) {
      pt2_runner_t* first = load_file(kPaths[i], 1);
      pt2_runner_t* second = load(1);
      float before[OUTPUTS], after[OUTPUTS];
      assert_true(run(first, before));
      pt2__fault_set(nth, false);
      pt2_status_t status =
          pt2_runner_share_constants(second, first, NULL, NULL);
      uint64_t seen = pt2__fault_set(0, false);
      failures += status != PT2_STATUS_OK;
      assert_true(run(first, after) && distance(before, after) == 0);
      pt2_runner_release(first);
      assert_true(run(second, after) && distance(before, after) < 1e-3f);
      pt2_runner_release(second);
      if (seen < nth) {
        assert_int_equal(status, 0);
        break;
      }
    }
  }
  assert_true(failures > 20);
}

static void test_extract_outlives_an_update(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_runner_t* runner = load(1);
  pt2_named_tensor_t constants[NAMES];
  make_constants(5, constants);
  pt2_tensor_t* old = NULL;
  pt2_tensor_t* now = NULL;
  assert_int_equal(pt2_runner_extract_constant(runner, "b.weight", false, &old),
                   0);
  float first = *(float*)pt2_tensor_peek_data(old);
  assert_int_equal(pt2_runner_update_constants(runner, constants, NAMES, NULL),
                   0);
  release_constants(constants);
  assert_int_equal(pt2_runner_extract_constant(runner, "b_weight", false, &now),
                   0);
  assert_true(*(float*)pt2_tensor_peek_data(now) == 5);
  assert_true(*(float*)pt2_tensor_peek_data(old) == first);
  pt2_tensor_release(old);
  assert_int_equal(pt2_runner_constant_count(runner), NAMES);
  pt2_constant_info_t info;
  assert_int_equal(pt2_runner_constant_info(runner, 1, &info), 0);
  assert_string_equal(info.fqn, "a.bias");
  assert_string_equal(info.name, "a_bias");
  assert_int_equal(info.kind, 1);
  assert_int_equal(pt2_runner_constant_info(runner, NAMES, &info),
                   PT2_STATUS_INVALID_ARGUMENT);
  pt2_runner_release(runner);
  assert_true(*(float*)pt2_tensor_peek_data(now) == 5);
  pt2_tensor_release(now);
}

// Constants that the package came with, small ones among them, outlive runner
// and package.
static void test_extract_outlives_the_runner(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  static const char* const kPaths[] = {MLP, MLP_OF("2.6.0"), MLP_OF("2.7.1"),
                                       MLP_OF("2.8.0")};
  for (size_t i = 0; i < 4; ++i) {
    pt2_runner_t* runner = load_file(kPaths[i], 1);
    pt2_tensor_t* weight = NULL;
    pt2_tensor_t* bias = NULL;
    assert_int_equal(
        pt2_runner_extract_constant(runner, "a.weight", false, &weight), 0);
    assert_int_equal(
        pt2_runner_extract_constant(runner, "a.bias", false, &bias), 0);
    float sums[2] = {0, 0};
    for (int turn = 0; turn < 2; ++turn) {
      sums[turn] = 0;
      for (int64_t k = 0; k < pt2_tensor_numel(weight); ++k) {
        sums[turn] += ((float*)pt2_tensor_peek_data(weight))[k];
      }
      for (int64_t k = 0; k < pt2_tensor_numel(bias); ++k) {
        sums[turn] += ((float*)pt2_tensor_peek_data(bias))[k];
      }
      pt2_runner_release(turn == 0 ? runner : NULL);
    }
    assert_true(sums[0] == sums[1] && sums[0] != 0);
    pt2_tensor_release(weight);
    pt2_tensor_release(bias);
  }
}

// What an update replaces is given back, whatever a release's container does
// with its handles, and all of it when the runner goes.
static void test_updates_give_memory_back(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  static const char* const kPaths[] = {
      MLP_OF("2.6.0"),  MLP_OF("2.7.1"),  MLP_OF("2.8.0"),  MLP_OF("2.9.1"),
      MLP_OF("2.10.0"), MLP_OF("2.11.0"), MLP_OF("2.12.1"), MLP_OF("2.13.0"),
      MLP_OF("2.14.1"), MLP_OF("2.15.0")};
  pt2_named_tensor_t constants[NAMES];
  make_constants(1, constants);
  for (size_t i = 0; i < sizeof(kPaths) / sizeof(kPaths[0]); ++i) {
    size_t before, used, settled = 0, kept;
    pt2__pool_statistics(&before, &kept);
    pt2_runner_t* runner = load_file(kPaths[i], 1);
    for (int turn = 0; turn < 12; ++turn) {
      pt2_constants_options_t options;
      pt2_constants_options_init(&options);
      float row[OUTPUTS];
      assert_int_equal(
          pt2_runner_update_constants(runner, constants, NAMES, &options), 0);
      options.use_inactive = true;
      assert_int_equal(
          pt2_runner_update_constants(runner, constants, NAMES, &options), 0);
      assert_int_equal(pt2_runner_swap_constants(runner), 0);
      assert_true(run(runner, row));
      pt2__pool_statistics(&used, &kept);
      settled = turn == 3 ? used : settled;
      assert_true(turn <= 3 || used == settled);
    }
    pt2_runner_release(runner);
    pt2__pool_statistics(&used, &kept);
    assert_int_equal(used, before);
  }
  release_constants(constants);
}

// ---- Traffic ---------------------------------------------------------------

typedef struct {
  pt2_runner_t* runner;
  const float* one;
  const float* two;
  atomic_bool* stop;
  atomic_int count;
  bool good;
} caller_t;

static void* call(void* argument) {
  caller_t* caller = argument;
  caller->good = true;
  while (!atomic_load(caller->stop)) {
    float row[OUTPUTS];
    caller->good &= run(caller->runner, row);
    caller->good &= distance(row, caller->one) < 1e-3f ||
                    distance(row, caller->two) < 1e-3f;
    atomic_fetch_add(&caller->count, 1);
  }
  return NULL;
}

static bool all_ran(const caller_t* callers, int count) {
  bool ran = true;
  for (int i = 0; i < count; ++i) {
    ran = ran && atomic_load(&callers[i].count) > 0;
  }
  return ran;
}

static void test_each_run_sees_one_version(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  enum { CALLERS = 4, TURNS = 60 };
  pt2_runner_t* runner = load(2);
  pt2_named_tensor_t constants[2][NAMES];
  make_constants(1, constants[0]);
  make_constants(2, constants[1]);
  assert_int_equal(
      pt2_runner_update_constants(runner, constants[0], NAMES, NULL), 0);
  float one[OUTPUTS], two[OUTPUTS];
  assert_true(run(runner, one));
  for (int i = 0; i < OUTPUTS; ++i) {
    two[i] = one[i] + HIDDEN;
  }
  atomic_bool stop = false;
  caller_t callers[CALLERS];
  pthread_t threads[CALLERS];
  for (int i = 0; i < CALLERS; ++i) {
    callers[i] =
        (caller_t){.runner = runner, .one = one, .two = two, .stop = &stop};
    assert_int_equal(pthread_create(&threads[i], NULL, call, &callers[i]), 0);
  }
  pt2_constants_options_t inactive;
  pt2_constants_options_init(&inactive);
  inactive.use_inactive = true;
  // On a busy machine a caller may come late.
  for (int turn = 0; turn < TURNS || !all_ran(callers, CALLERS); ++turn) {
    pt2_named_tensor_t* next = constants[(turn + 1) % 2];
    if (turn % 3 == 2) {
      assert_int_equal(pt2_runner_update_constants(runner, next, NAMES, NULL),
                       0);
      continue;
    }
    assert_int_equal(
        pt2_runner_update_constants(runner, next, NAMES, &inactive), 0);
    assert_int_equal(pt2_runner_fold_constants(runner, true), 0);
    assert_int_equal(pt2_runner_swap_constants(runner), 0);
    assert_int_equal(pt2_runner_free_inactive_constants(runner), 0);
  }
  atomic_store(&stop, true);
  for (int i = 0; i < CALLERS; ++i) {
    pthread_join(threads[i], NULL);
    assert_true(callers[i].good);
  }
  release_constants(constants[0]);
  release_constants(constants[1]);
  pt2_runner_release(runner);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_failed_allocation_keeps_the_old),
      cmocka_unit_test(test_failed_loading_keeps_the_old),
      cmocka_unit_test(test_failed_sharing_keeps_the_old),
      cmocka_unit_test(test_failed_adoption),
      cmocka_unit_test(test_extract_outlives_an_update),
      cmocka_unit_test(test_extract_outlives_the_runner),
      cmocka_unit_test(test_updates_give_memory_back),
      cmocka_unit_test(test_each_run_sees_one_version),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
