// SPDX-License-Identifier: Apache-2.0
//
// The user's allocator and the statistics of pt2/memory.h; options structs of
// programs that are older or newer than the library.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/struct_bytes.h"
#include "pt2/pt2.h"
#include "support/skip.h"
#include "tensor/tensor.h"

// ---- Allocator --------------------------------------------------------------

typedef struct {
  size_t allocs, frees;
  size_t live_bytes;
  size_t refuse_from;  // blocks of this size or more are refused
  size_t shift;        // how far off a multiple of the alignment it returns
} counter_t;

static void* count_alloc(size_t bytes, size_t alignment, void* context) {
  counter_t* counter = context;
  assert_int_equal(alignment, 64);
  assert_int_equal(bytes % alignment, 0);
  if (bytes >= counter->refuse_from) {
    return NULL;
  }
  // The size stands before the block, so that free can compare.
  char* block = NULL;
  assert_int_equal(
      posix_memalign((void**)&block, alignment, bytes + 2 * alignment), 0);
  memcpy(block, &bytes, sizeof(bytes));
  ++counter->allocs;
  counter->live_bytes += bytes;
  return block + alignment + counter->shift;
}

static void count_free(void* block, size_t bytes, void* context) {
  counter_t* counter = context;
  char* start = (char*)block - 64 - counter->shift;
  size_t taken;
  memcpy(&taken, start, sizeof(taken));
  assert_int_equal(taken, bytes);
  ++counter->frees;
  counter->live_bytes -= bytes;
  free(start);
}

static pt2_allocator_t allocator_of(counter_t* counter) {
  return (pt2_allocator_t){.struct_bytes = sizeof(pt2_allocator_t),
                           .alloc = count_alloc,
                           .free = count_free,
                           .context = counter};
}

static pt2_memory_statistics_t statistics(void) {
  pt2_memory_statistics_t result = {.struct_bytes = sizeof(result)};
  assert_int_equal(pt2_memory_statistics(&result), 0);
  return result;
}

static const int64_t sizes[] = {100, 50};

static void test_tensors_come_from_the_users_allocator(void** state) {
  (void)state;
  counter_t counter = {.refuse_from = SIZE_MAX};
  pt2_allocator_t mine = allocator_of(&counter);
  assert_int_equal(pt2_set_allocator(&mine), 0);
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 2, sizes, NULL, &tensor),
                   0);
  memset(pt2_tensor_peek_data(tensor), 0, 100 * 50 * 4);
  assert_true(counter.live_bytes >= 100 * 50 * 4);
  pt2_memory_statistics_t now = statistics();
  assert_true(now.in_use_bytes >= 100 * 50 * 4);
  assert_int_equal(now.kept_bytes, 0);
  assert_int_equal(now.peak_bytes, now.in_use_bytes);
  // Not while its blocks are in use.
  assert_int_equal(pt2_set_allocator(NULL), PT2_STATUS_FAILED_PRECONDITION);
  assert_non_null(strstr(pt2_error_message(), "are in use"));
  pt2_tensor_release(tensor);
  size_t peak = now.peak_bytes;
  now = statistics();
  assert_int_equal(now.in_use_bytes, 0);
  assert_int_equal(now.peak_bytes, peak);
  assert_int_equal(pt2_set_allocator(NULL), 0);
  assert_int_equal(counter.live_bytes, 0);
  assert_int_equal(counter.allocs, counter.frees);
  assert_true(counter.allocs >= 2);
  // From here on it is not asked.
  size_t allocs = counter.allocs;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 2, sizes, NULL, &tensor),
                   0);
  pt2_tensor_release(tensor);
  assert_int_equal(counter.allocs, allocs);
}

static void test_an_allocator_that_refuses(void** state) {
  (void)state;
  counter_t counter = {.refuse_from = 4096};
  pt2_allocator_t mine = allocator_of(&counter);
  assert_int_equal(pt2_set_allocator(&mine), 0);
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 2, sizes, NULL, &tensor),
                   PT2_STATUS_OUT_OF_MEMORY);
  assert_null(tensor);
  assert_int_equal(statistics().in_use_bytes, 0);
  // The library goes on.
  assert_int_equal(
      pt2_tensor_create(PT2_DTYPE_F32, 1, (int64_t[]){10}, NULL, &tensor), 0);
  pt2_tensor_release(tensor);
  assert_int_equal(pt2_set_allocator(NULL), 0);
  assert_int_equal(counter.live_bytes, 0);
}

static void test_misaligned_blocks_are_no_blocks(void** state) {
  (void)state;
  counter_t counter = {.refuse_from = SIZE_MAX, .shift = 16};
  pt2_allocator_t mine = allocator_of(&counter);
  assert_int_equal(pt2_set_allocator(&mine), 0);
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 2, sizes, NULL, &tensor),
                   PT2_STATUS_OUT_OF_MEMORY);
  assert_int_equal(pt2_set_allocator(NULL), 0);
  assert_true(counter.allocs > 0);
  assert_int_equal(counter.live_bytes, 0);
}

static void test_allocators_are_checked(void** state) {
  (void)state;
  counter_t counter = {.refuse_from = SIZE_MAX};
  pt2_allocator_t mine = allocator_of(&counter);
  mine.struct_bytes = 8;
  assert_int_equal(pt2_set_allocator(&mine), PT2_STATUS_INVALID_ARGUMENT);
  mine = allocator_of(&counter);
  mine.alloc = NULL;
  assert_int_equal(pt2_set_allocator(&mine), PT2_STATUS_INVALID_ARGUMENT);
  mine = allocator_of(&counter);
  mine.free = NULL;
  assert_int_equal(pt2_set_allocator(&mine), PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_memory_statistics(NULL), PT2_STATUS_INVALID_ARGUMENT);
}

// An older program's struct: what lies behind it is not written.
static void test_older_statistics(void** state) {
  (void)state;
  pt2_memory_statistics_t result;
  memset(&result, 0xa5, sizeof(result));
  result.struct_bytes = offsetof(pt2_memory_statistics_t, kept_bytes);
  assert_int_equal(pt2_memory_statistics(&result), 0);
  assert_int_equal(result.struct_bytes,
                   offsetof(pt2_memory_statistics_t, kept_bytes));
  assert_int_equal(result.in_use_bytes, 0);
  assert_int_equal(result.kept_bytes, 0xa5a5a5a5a5a5a5a5u);
  result.struct_bytes = 4;
  assert_int_equal(pt2_memory_statistics(&result), PT2_STATUS_INVALID_ARGUMENT);
}

// ---- Models with an allocator that fails ------------------------------------

#define MLP PT2_TEST_GOLDEN "/avx2/2.15.0/mlp.pt2"

typedef struct {
  counter_t counter;
  size_t calls;
  size_t refuse_at;  // this call and the next, which is the pool's second try
} failing_t;

static void* fail_alloc(size_t bytes, size_t alignment, void* context) {
  failing_t* failing = context;
  ++failing->calls;
  if (failing->calls == failing->refuse_at ||
      failing->calls == failing->refuse_at + 1) {
    return NULL;
  }
  return count_alloc(bytes, alignment, &failing->counter);
}

static void fail_free(void* block, size_t bytes, void* context) {
  count_free(block, bytes, &((failing_t*)context)->counter);
}

// Everything from the package to the result; outputs are those of zeros.
static pt2_status_t load_and_run(void) {
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  pt2_tensor_t* input = NULL;
  pt2_tensor_t* output = NULL;
  pt2_status_t status = pt2_package_open(MLP, NULL, &package);
  if (status == 0) status = pt2_runner_create(package, NULL, &runner);
  if (status == 0) {
    status =
        pt2_tensor_create(PT2_DTYPE_F32, 2, (int64_t[]){8, 16}, NULL, &input);
  }
  if (status == 0) {
    memset(pt2_tensor_peek_data(input), 0, 8 * 16 * 4);
    status = pt2_runner_run(runner, &input, 1, &output, 1);
    assert_int_equal(status == 0, output != NULL);
  }
  pt2_tensor_release(output);
  pt2_tensor_release(input);
  pt2_runner_release(runner);
  pt2_package_release(package);
  return status;
}

static void test_a_model_under_a_failing_allocator(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  size_t failures = 0;
  for (size_t nth = 1;; ++nth) {
    failing_t failing = {.counter.refuse_from = SIZE_MAX, .refuse_at = nth};
    pt2_allocator_t mine = {.struct_bytes = sizeof(mine),
                            .alloc = fail_alloc,
                            .free = fail_free,
                            .context = &failing};
    assert_int_equal(pt2_set_allocator(&mine), 0);
    pt2_status_t status = load_and_run();
    if (status != 0) {
      assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
      ++failures;
    }
    assert_int_equal(pt2_set_allocator(NULL), 0);
    assert_int_equal(failing.counter.live_bytes, 0);
    assert_int_equal(failing.counter.allocs, failing.counter.frees);
    if (failing.calls < nth) {
      assert_int_equal(status, 0);
      break;
    }
    assert_true(nth < 1000);
  }
  assert_true(failures > 5);
}

// ---- A block that holds a tensor and its storage ----------------------------

static void test_a_view_outlives_the_tensor_it_came_from(void** state) {
  (void)state;
  size_t before = statistics().in_use_bytes;
  pt2_tensor_t* tensor = NULL;
  pt2_tensor_t* view = NULL;
  pt2_tensor_t* other = NULL;
  assert_int_equal(pt2__tensor_empty(PT2_DTYPE_F32, 2, sizes, NULL, &tensor),
                   0);
  memset(tensor->data, 0, 20000);
  ((float*)tensor->data)[7] = 3;
  assert_int_equal(pt2__tensor_alias(tensor, &view), 0);
  pt2__tensor_release(tensor);
  assert_true(((float*)view->data)[7] == 3);
  // Assigned to another and back, in both directions.
  assert_int_equal(pt2__tensor_empty(PT2_DTYPE_F32, 2, sizes, NULL, &other), 0);
  size_t both = statistics().in_use_bytes;
  assert_int_equal(pt2__tensor_assign(other, view), 0);
  // Its own memory was nobody else's.
  assert_true(statistics().in_use_bytes + 20000 <= both);
  assert_ptr_equal(other->data, view->data);
  pt2__tensor_release(view);
  assert_true(((float*)other->data)[7] == 3);
  assert_int_equal(pt2__tensor_assign(other, other), 0);
  pt2__tensor_release(other);
  assert_int_equal(statistics().in_use_bytes, before);
}

static void test_a_tensor_gets_its_own_storage_back(void** state) {
  (void)state;
  size_t before = statistics().in_use_bytes;
  pt2_tensor_t *first = NULL, *second = NULL, *view = NULL;
  assert_int_equal(pt2__tensor_empty(PT2_DTYPE_F32, 2, sizes, NULL, &first), 0);
  assert_int_equal(pt2__tensor_empty(PT2_DTYPE_F32, 2, sizes, NULL, &second),
                   0);
  ((float*)first->data)[1] = 5;
  assert_int_equal(pt2__tensor_alias(first, &view), 0);
  assert_int_equal(pt2__tensor_assign(first, second), 0);
  assert_ptr_equal(first->data, second->data);
  // The view still has it, so it was not dropped.
  assert_true(((float*)view->data)[1] == 5);
  assert_int_equal(pt2__tensor_assign(first, view), 0);
  pt2__tensor_release(view);
  assert_true(((float*)first->data)[1] == 5);
  pt2__tensor_release(second);
  assert_true(((float*)first->data)[1] == 5);
  pt2__tensor_release(first);
  assert_int_equal(statistics().in_use_bytes, before);
}

// ---- Options ----------------------------------------------------------------

static void test_init_writes_the_callers_size_only(void** state) {
  (void)state;
  pt2_runner_options_t options;
  size_t older = offsetof(pt2_runner_options_t, device_index);
  memset(&options, 0xa5, sizeof(options));
  pt2_runner_options_init_sized(&options, older);
  assert_int_equal(options.struct_bytes, older);
  assert_null(options.model_name);
  assert_int_equal(options.num_runners, 1);
  for (size_t i = older; i < sizeof(options); ++i) {
    assert_int_equal(((unsigned char*)&options)[i], 0xa5);
  }
  pt2_run_options_t run;
  older = offsetof(pt2_run_options_t, cancel);
  memset(&run, 0xa5, sizeof(run));
  pt2_run_options_init_sized(&run, older);
  assert_int_equal(run.struct_bytes, older);
  assert_int_equal(run.timeout_ns, -1);
  for (size_t i = older; i < sizeof(run); ++i) {
    assert_int_equal(((unsigned char*)&run)[i], 0xa5);
  }
  pt2_constants_options_t constants;
  older = offsetof(pt2_constants_options_t, user_managed);
  memset(&constants, 0xa5, sizeof(constants));
  pt2_constants_options_init_sized(&constants, older);
  assert_int_equal(constants.struct_bytes, older);
  assert_false(constants.check_full_update);
  assert_int_equal(((unsigned char*)&constants)[older], 0xa5);
  pt2_package_options_t package;
  older = offsetof(pt2_package_options_t, verify);
  memset(&package, 0xa5, sizeof(package));
  pt2_package_options_init_sized(&package, older);
  assert_int_equal(package.struct_bytes, older);
  assert_int_equal(((unsigned char*)&package)[older], 0xa5);
  // The usual form takes the size from the header.
  pt2_runner_options_init(&options);
  assert_int_equal(options.struct_bytes, sizeof(options));
  assert_int_equal(options.device_index, -1);
  // Too small to tell its size: nothing is written.
  memset(&options, 0xa5, sizeof(options));
  pt2_runner_options_init_sized(&options, 4);
  assert_int_equal(((unsigned char*)&options)[0], 0xa5);
}

typedef struct {
  size_t struct_bytes;
  int32_t first, second;
} known_t;

typedef struct {
  known_t known;
  int64_t later;
} newer_t;

static void test_older_and_newer_structs_are_read(void** state) {
  (void)state;
  const known_t defaults = {sizeof(defaults), 1, 2};
  known_t read = defaults;
  assert_int_equal(pt2__struct_read(&read, sizeof(read), NULL, "known_t"), 0);
  assert_int_equal(read.second, 2);
  known_t older = {offsetof(known_t, second), 7, 8};
  assert_int_equal(pt2__struct_read(&read, sizeof(read), &older, "known_t"), 0);
  assert_int_equal(read.struct_bytes, sizeof(read));
  assert_int_equal(read.first, 7);
  assert_int_equal(read.second, 2);
  // A newer program that leaves what it has more of alone.
  newer_t newer;
  memset(&newer, 0xa5, sizeof(newer));
  pt2__struct_init(&newer, sizeof(newer), &defaults, sizeof(defaults));
  assert_int_equal(newer.known.struct_bytes, sizeof(newer));
  assert_int_equal(newer.known.second, 2);
  assert_int_equal(newer.later, 0);
  read = defaults;
  assert_int_equal(pt2__struct_read(&read, sizeof(read), &newer, "known_t"), 0);
  newer.later = 1;
  assert_int_equal(pt2__struct_read(&read, sizeof(read), &newer, "known_t"),
                   PT2_STATUS_UNSUPPORTED);
  pt2_error_clear();
  older.struct_bytes = 3;
  assert_int_equal(pt2__struct_read(&read, sizeof(read), &older, "known_t"),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(),
                      "known_t: struct_bytes is 3, which no such struct has");
  pt2_error_clear();
  older.struct_bytes = SIZE_MAX;  // never initialised
  assert_int_equal(pt2__struct_read(&read, sizeof(read), &older, "known_t"),
                   PT2_STATUS_INVALID_ARGUMENT);
}

// The structs of programs that were built when these had fewer fields.
static void test_calls_with_older_structs(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_package_t* package = NULL;
  pt2_package_options_t how;
  memset(&how, 0xff, sizeof(how));
  pt2_package_options_init_sized(&how, offsetof(pt2_package_options_t, verify));
  assert_int_equal(pt2_package_open(MLP, &how, &package), 0);
  pt2_runner_t* runner = NULL;
  pt2_runner_options_t options;
  memset(&options, 0xff, sizeof(options));
  pt2_runner_options_init_sized(&options,
                                offsetof(pt2_runner_options_t, input_checks));
  assert_int_equal(pt2_runner_create(package, &options, &runner), 0);
  pt2_tensor_t* input = NULL;
  pt2_tensor_t* output = NULL;
  assert_int_equal(
      pt2_tensor_create(PT2_DTYPE_F32, 2, (int64_t[]){8, 16}, NULL, &input), 0);
  memset(pt2_tensor_peek_data(input), 0, 8 * 16 * 4);
  pt2_run_options_t run;
  memset(&run, 0xff, sizeof(run));
  pt2_run_options_init_sized(&run, offsetof(pt2_run_options_t, cancel));
  assert_int_equal(pt2_runner_run_with(runner, &input, 1, &output, 1, &run), 0);
  pt2_tensor_t* weight = NULL;
  assert_int_equal(
      pt2_runner_extract_constant(runner, "a.weight", false, &weight), 0);
  pt2_named_tensor_t update = {"a.weight", weight};
  pt2_constants_options_t constants;
  memset(&constants, 0xff, sizeof(constants));
  pt2_constants_options_init_sized(
      &constants, offsetof(pt2_constants_options_t, use_inactive));
  assert_int_equal(pt2_runner_update_constants(runner, &update, 1, &constants),
                   0);
  pt2_tensor_release(weight);
  pt2_tensor_release(input);
  pt2_tensor_release(output);
  pt2_runner_release(runner);
  pt2_package_release(package);
}

static int start(void** state) {
  (void)state;
  pt2__pool_keep_blocks(true);
  pt2__pool_trim();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tensors_come_from_the_users_allocator),
      cmocka_unit_test(test_an_allocator_that_refuses),
      cmocka_unit_test(test_misaligned_blocks_are_no_blocks),
      cmocka_unit_test(test_allocators_are_checked),
      cmocka_unit_test(test_older_statistics),
      cmocka_unit_test(test_a_model_under_a_failing_allocator),
      cmocka_unit_test(test_a_view_outlives_the_tensor_it_came_from),
      cmocka_unit_test(test_a_tensor_gets_its_own_storage_back),
      cmocka_unit_test(test_init_writes_the_callers_size_only),
      cmocka_unit_test(test_older_and_newer_structs_are_read),
      cmocka_unit_test(test_calls_with_older_structs),
  };
  return cmocka_run_group_tests(tests, start, NULL);
}
