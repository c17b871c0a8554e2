// SPDX-License-Identifier: Apache-2.0
//
// What a runner says it holds: code, weights by place and buffer, packed
// weights; and constants read from it that outlive it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "pt2/pt2.h"
#include "support/skip.h"

enum { HIDDEN = 32, INPUTS = 16, OUTPUTS = 4 };
// a.weight, a.bias, b.weight.
enum { WEIGHT_BYTES = (HIDDEN * INPUTS + HIDDEN + OUTPUTS * HIDDEN) * 4 };

static pt2_runner_t* load_file(const char* path, size_t num_runners) {
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.num_runners = num_runners;
  if (pt2_package_open(path, NULL, &package) != 0 ||
      pt2_runner_create(package, &options, &runner) != 0) {
    fail_msg("%s: %s", path, pt2_error_message());
  }
  pt2_package_release(package);
  return runner;
}

static pt2_runner_t* load(const char* release, const char* name,
                          size_t num_runners) {
  char path[512];
  snprintf(path, sizeof(path), "%s/avx2/%s/%s.pt2", PT2_TEST_GOLDEN, release,
           name);
  return load_file(path, num_runners);
}

static pt2_runner_statistics_t measure(pt2_runner_t* runner) {
  pt2_runner_statistics_t result = {.struct_bytes = sizeof(result)};
  assert_int_equal(pt2_runner_statistics(runner, &result), 0);
  return result;
}

static void run_once(pt2_runner_t* runner, int64_t rows) {
  pt2_tensor_t* input = NULL;
  pt2_tensor_t* output = NULL;
  const int64_t sizes[] = {rows, INPUTS};
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 2, sizes, NULL, &input), 0);
  memset(pt2_tensor_peek_data(input), 0, (size_t)(rows * INPUTS * 4));
  if (pt2_runner_run(runner, &input, 1, &output, 1) != 0) {
    fail_msg("%s", pt2_error_message());
  }
  pt2_tensor_release(input);
  pt2_tensor_release(output);
}

static void test_every_release_adds_up(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  static const char* const releases[] = {"2.6.0", "2.7.1", "2.8.0", "2.10.0",
                                         "2.15.0"};
  for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); ++i) {
    pt2_runner_t* runner = load(releases[i], "mlp", 2);
    pt2_runner_statistics_t now = measure(runner);
    uint64_t weights = now.mapped_weight_bytes + now.active_weight_bytes;
    assert_int_equal(now.instance_count, 2);
    assert_true(now.code_bytes > 10000 && now.code_bytes < 4000000);
    // Containers that tell sizes only round each up to 64 bytes.
    assert_in_range(weights, WEIGHT_BYTES, WEIGHT_BYTES + 3 * 64);
    assert_int_equal(now.inactive_weight_bytes, 0);
    pt2_runner_release(runner);
  }
}

static void test_buffers_and_packed_weights(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_runner_t* runner = load("2.15.0", "mlp", 1);
  pt2_runner_statistics_t first = measure(runner);
  assert_int_equal(first.packed_weight_bytes, 0);
  assert_int_equal(first.mapped_weight_bytes + first.active_weight_bytes,
                   WEIGHT_BYTES);
  run_once(runner, 8);
  pt2_runner_statistics_t warm = measure(runner);
  assert_true(warm.packed_weight_bytes >= HIDDEN * INPUTS * 4);
  assert_int_equal(warm.active_weight_bytes, first.active_weight_bytes);
  // One weight in the inactive buffer, the optional ones of the active one
  // beside it.
  pt2_tensor_t* weight = NULL;
  const int64_t sizes[] = {HIDDEN, INPUTS};
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 2, sizes, NULL, &weight),
                   0);
  memset(pt2_tensor_peek_data(weight), 0, HIDDEN * INPUTS * 4);
  pt2_named_tensor_t update = {"a.weight", weight};
  pt2_constants_options_t options;
  pt2_constants_options_init(&options);
  options.use_inactive = true;
  assert_int_equal(pt2_runner_update_constants(runner, &update, 1, &options),
                   0);
  pt2_runner_statistics_t filled = measure(runner);
  assert_int_equal(filled.inactive_weight_bytes, HIDDEN * INPUTS * 4);
  assert_int_equal(filled.active_weight_bytes, first.active_weight_bytes);
  assert_int_equal(filled.mapped_weight_bytes, first.mapped_weight_bytes);
  assert_int_equal(pt2_runner_free_inactive_constants(runner), 0);
  assert_int_equal(measure(runner).inactive_weight_bytes, 0);
  // In the active one it takes the place of the package's.
  options.use_inactive = false;
  assert_int_equal(pt2_runner_update_constants(runner, &update, 1, &options),
                   0);
  pt2_runner_statistics_t replaced = measure(runner);
  assert_int_equal(replaced.mapped_weight_bytes + replaced.active_weight_bytes,
                   WEIGHT_BYTES);
  assert_true(replaced.active_weight_bytes >= HIDDEN * INPUTS * 4);
  pt2_tensor_release(weight);
  pt2_runner_release(runner);
}

// Weights of 4 KiB and more stay in the package.
static void test_mapped_weights(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_runner_t* runner =
      load_file(PT2_TEST_DATA "/../examples/digits/digits.pt2", 1);
  uint64_t large = 0;
  uint64_t small = 0;
  for (size_t i = 0; i < pt2_runner_constant_count(runner); ++i) {
    pt2_constant_info_t info;
    assert_int_equal(pt2_runner_constant_info(runner, i, &info), 0);
    uint64_t bytes = pt2_dtype_size_bytes(info.dtype);
    for (int32_t d = 0; d < info.rank; ++d) {
      bytes *= (uint64_t)info.sizes[d];
    }
    *(bytes >= 4096 ? &large : &small) += bytes;
  }
  assert_true(large > 0);
  pt2_runner_statistics_t now = measure(runner);
  assert_int_equal(now.mapped_weight_bytes, large);
  assert_int_equal(now.active_weight_bytes, small);
  assert_int_equal(now.inactive_weight_bytes, 0);
  pt2_runner_release(runner);
}

static void test_arguments(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_runner_t* runner = load("2.15.0", "mlp", 1);
  pt2_runner_statistics_t result = {.struct_bytes = 4};
  assert_int_equal(pt2_runner_statistics(NULL, &result),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_runner_statistics(runner, NULL),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_runner_statistics(runner, &result),
                   PT2_STATUS_INVALID_ARGUMENT);
  // An older program's.
  memset(&result, 0xa5, sizeof(result));
  result.struct_bytes = offsetof(pt2_runner_statistics_t, code_bytes);
  assert_int_equal(pt2_runner_statistics(runner, &result), 0);
  assert_int_equal(result.instance_count, 1);
  assert_int_equal(result.code_bytes, 0xa5a5a5a5a5a5a5a5u);
  pt2__fault_set(1, false);
  result.struct_bytes = sizeof(result);
  assert_int_equal(pt2_runner_statistics(runner, &result),
                   PT2_STATUS_OUT_OF_MEMORY);
  pt2__fault_set(0, false);
  pt2_runner_release(runner);
}

// Whoever reads a constant may keep it longer than the runner.
static void test_an_extracted_constant_keeps_what_it_needs(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_runner_t* runner = load("2.15.0", "mlp", 1);
  pt2_tensor_t* weight = NULL;
  assert_int_equal(
      pt2_runner_extract_constant(runner, "a.weight", false, &weight), 0);
  float last = ((float*)pt2_tensor_peek_data(weight))[HIDDEN * INPUTS - 1];
  assert_true(pt2_tensor_is_read_only(weight));
  assert_int_equal(pt2_tensor_copy(weight, weight),
                   PT2_STATUS_INVALID_ARGUMENT);
  pt2_runner_release(runner);
  assert_true(((float*)pt2_tensor_peek_data(weight))[HIDDEN * INPUTS - 1] ==
              last);
  pt2_tensor_release(weight);
}

// A runner that is given what it lent does not keep itself.
static void test_a_constant_may_come_back(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2__pool_trim();
  size_t before, after, kept;
  pt2__pool_statistics(&before, &kept);
  pt2_runner_t* runner = load("2.15.0", "mlp", 1);
  pt2_tensor_t* weight = NULL;
  assert_int_equal(
      pt2_runner_extract_constant(runner, "a.weight", false, &weight), 0);
  pt2_named_tensor_t update = {"a.weight", weight};
  pt2_constants_options_t options;
  pt2_constants_options_init(&options);
  options.user_managed = true;
  assert_int_equal(pt2_runner_update_constants(runner, &update, 1, &options),
                   0);
  pt2_tensor_release(weight);
  run_once(runner, 8);
  pt2_runner_release(runner);
  pt2__pool_statistics(&after, &kept);
  assert_int_equal(before, after);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_release_adds_up),
      cmocka_unit_test(test_buffers_and_packed_weights),
      cmocka_unit_test(test_mapped_weights),
      cmocka_unit_test(test_arguments),
      cmocka_unit_test(test_an_extracted_constant_keeps_what_it_needs),
      cmocka_unit_test(test_a_constant_may_come_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
