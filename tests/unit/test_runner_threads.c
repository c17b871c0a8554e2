// SPDX-License-Identifier: Apache-2.0
//
// Runners on real packages: results, ownership, failures, many threads, and
// what is left when everything is given back.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "pt2/pt2.h"
#include "support/skip.h"

#define ADD PT2_TEST_GOLDEN "/avx2/2.15.0/add.pt2"
#define MLP PT2_TEST_GOLDEN "/avx2/2.15.0/mlp.pt2"
#define OUTPUTS PT2_TEST_GOLDEN "/avx2/2.15.0/outputs.pt2"

enum { ROWS = 8, COLUMNS = 16, COUNT = ROWS * COLUMNS };

static pt2_runner_t* load(const char* path, size_t num_runners) {
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.num_runners = num_runners;
  if (pt2_package_open(path, NULL, &package) != PT2_STATUS_OK ||
      pt2_runner_create(package, &options, &runner) != PT2_STATUS_OK) {
    print_error("%s: %s\n", path, pt2_error_message());
  }
  pt2_package_release(package);
  assert_non_null(runner);
  return runner;
}

static pt2_tensor_t* make_input(int64_t rows, int64_t columns, float first) {
  const int64_t sizes[] = {rows, columns};
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 2, sizes, NULL, &tensor),
                   PT2_STATUS_OK);
  float* data = pt2_tensor_peek_data(tensor);
  for (int64_t i = 0; i < rows * columns; ++i) {
    data[i] = first + (float)i * 0.25f;
  }
  return tensor;
}

static float relu_plus_one(float x) { return x + 1 > 0 ? x + 1 : 0; }

static void check_add(const pt2_tensor_t* output, float first) {
  const float* data = pt2_tensor_peek_data(output);
  for (int i = 0; i < COUNT; ++i) {
    assert_true(data[i] == relu_plus_one(first + (float)i * 0.25f));
  }
}

// As a server does that loads its model once, for all of its processes.
static void test_children_run_what_their_parent_loaded(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_runner_t* runner = load(ADD, 2);
  pt2_tensor_t* input = make_input(ROWS, COLUMNS, -3);
  pid_t children[2];
  for (int c = 0; c < 2; ++c) {
    children[c] = fork();
    assert_true(children[c] >= 0);
    if (children[c] == 0) {
      alarm(20);
      int failures = 0;
      for (int i = 0; i < 3; ++i) {
        pt2_tensor_t* output = NULL;
        failures += pt2_runner_run(runner, &input, 1, &output, 1) != 0;
        const float* data =
            output != NULL ? pt2_tensor_peek_data(output) : NULL;
        failures += data == NULL ||
                    data[COUNT - 1] != relu_plus_one(-3 + (COUNT - 1) * 0.25f);
        pt2_tensor_release(output);
      }
      _exit(failures);
    }
  }
  for (int c = 0; c < 2; ++c) {
    int result = -1;
    assert_int_equal(waitpid(children[c], &result, 0), children[c]);
    assert_true(WIFEXITED(result));
    assert_int_equal(WEXITSTATUS(result), 0);
  }
  pt2_tensor_t* output = NULL;
  assert_int_equal(pt2_runner_run(runner, &input, 1, &output, 1), 0);
  check_add(output, -3);
  pt2_tensor_release(output);
  pt2_tensor_release(input);
  pt2_runner_release(runner);
}

static void test_outputs_outlive_the_runner(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_runner_t* runner = load(ADD, 1);
  assert_int_equal(pt2_runner_input_count(runner), 1);
  assert_int_equal(pt2_runner_output_count(runner), 1);
  pt2_tensor_t* input = make_input(ROWS, COLUMNS, -3);
  pt2_tensor_t* output = NULL;
  assert_int_equal(pt2_runner_run(runner, &input, 1, &output, 1), 0);
  pt2_runner_release(runner);
  check_add(output, -3);
  pt2_tensor_release(input);
  pt2_tensor_release(output);
}

static void test_boxed_inputs_are_taken(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_runner_t* runner = load(ADD, 1);
  pt2_tensor_t* input = make_input(ROWS, COLUMNS, 1);
  pt2_tensor_t* output = NULL;
  assert_int_equal(pt2_runner_run_boxed(runner, &input, 1, &output, 1), 0);
  assert_null(input);
  check_add(output, 1);
  pt2_tensor_release(output);
  // Taken on failure too, and outputs are left alone.
  input = make_input(ROWS, COLUMNS + 1, 1);
  output = (pt2_tensor_t*)&input;
  assert_int_equal(pt2_runner_run_boxed(runner, &input, 1, &output, 1),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(),
                      "input 0 (ARGS[0]) dim 1: expected 16, got 17");
  assert_null(input);
  assert_ptr_equal(output, &input);
  pt2_runner_release(runner);
}

static void test_outputs_given_are_written(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_runner_t* runner = load(ADD, 1);
  pt2_run_options_t options;
  pt2_run_options_init(&options);
  options.outputs_given = true;
  pt2_tensor_t* input = make_input(ROWS, COLUMNS, -1);
  // Column-major memory of the caller's.
  float memory[COUNT];
  const int64_t sizes[] = {ROWS, COLUMNS};
  const int64_t strides[] = {1, ROWS};
  pt2_tensor_t* mine = NULL;
  assert_int_equal(pt2_tensor_from_blob(memory, PT2_DTYPE_F32, 2, sizes,
                                        strides, NULL, NULL, &mine),
                   0);
  pt2_tensor_t* output = mine;
  assert_int_equal(pt2_runner_run_with(runner, &input, 1, &output, 1, &options),
                   0);
  assert_ptr_equal(output, mine);
  for (int i = 0; i < COUNT; ++i) {
    assert_true(memory[i % COLUMNS * ROWS + i / COLUMNS] ==
                relu_plus_one(-1 + (float)i * 0.25f));
  }
  // NULL: a new tensor.
  output = NULL;
  assert_int_equal(pt2_runner_run_with(runner, &input, 1, &output, 1, &options),
                   0);
  check_add(output, -1);
  pt2_tensor_release(output);
  output = make_input(ROWS, COLUMNS + 1, 0);
  pt2_tensor_t* wrong = output;
  assert_int_equal(pt2_runner_run_with(runner, &input, 1, &output, 1, &options),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(),
                      "output 0 (RESULT) is f32 [8, 16], the tensor given for "
                      "it is f32 [8, 17]");
  assert_ptr_equal(output, wrong);
  options.struct_bytes = 3;
  assert_int_equal(pt2_runner_run_with(runner, &input, 1, &output, 1, &options),
                   PT2_STATUS_INVALID_ARGUMENT);
  pt2_tensor_release(wrong);
  pt2_tensor_release(mine);
  pt2_tensor_release(input);
  pt2_runner_release(runner);
}

static void test_cancelled_calls_do_not_run(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_runner_t* runner = load(ADD, 1);
  pt2_run_options_t options;
  pt2_run_options_init(&options);
  assert_int_equal(pt2_cancel_create(&options.cancel), 0);
  options.boxed = true;
  pt2_tensor_t* input = make_input(ROWS, COLUMNS, 2);
  pt2_tensor_t* output = NULL;
  assert_int_equal(pt2_runner_run_with(runner, &input, 1, &output, 1, &options),
                   0);
  check_add(output, 2);
  pt2_tensor_release(output);
  output = NULL;
  pt2_cancel_set(options.cancel);
  input = make_input(ROWS, COLUMNS, 2);
  assert_int_equal(pt2_runner_run_with(runner, &input, 1, &output, 1, &options),
                   PT2_STATUS_CANCELLED);
  assert_null(input);
  assert_null(output);
  size_t running, waiting;
  pt2_runner_load(runner, &running, &waiting);
  assert_int_equal(running + waiting, 0);
  pt2_cancel_destroy(options.cancel);
  pt2_runner_release(runner);
}

static void test_none_duplicate_alias_and_mutation(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  // z = x * 2; y += 1; returns z, None, z, x seen as 4 x 8, y + x.
  pt2_runner_t* runner = load(OUTPUTS, 1);
  pt2_tensor_t* inputs[] = {make_input(2, 16, 0), make_input(2, 16, 50)};
  pt2_tensor_t* outputs[5];
  size_t count = pt2_runner_output_count(runner);
  assert_true(count == 4 || count == 5);
  assert_int_equal(pt2_runner_run(runner, inputs, 2, outputs, count), 0);
  const float* y = pt2_tensor_peek_data(inputs[1]);
  assert_true(y[0] == 51 && y[31] == 50 + 31 * 0.25f + 1);
  size_t nones = 0;
  size_t aliases = 0;
  size_t doubles = 0;
  for (size_t i = 0; i < count; ++i) {
    if (outputs[i] == NULL) {
      ++nones;
      continue;
    }
    const float* data = pt2_tensor_peek_data(outputs[i]);
    aliases += data == pt2_tensor_peek_data(inputs[0]);
    doubles += data[4] == 2.0f && data[31] == 2 * 31 * 0.25f;
  }
  assert_int_equal(nones, count - 4);
  assert_int_equal(aliases, 1);
  assert_int_equal(doubles, 2);
  // The inputs go first: what shares their memory keeps it.
  pt2_tensor_release(inputs[0]);
  pt2_tensor_release(inputs[1]);
  for (size_t i = 0; i < count; ++i) {
    pt2_tensor_release(outputs[i]);
  }
  pt2_runner_release(runner);
}

static void test_wrong_calls_are_named(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_runner_t* runner = load(ADD, 1);
  pt2_tensor_t* inputs[] = {make_input(ROWS, COLUMNS, 0), NULL};
  pt2_tensor_t* outputs[2] = {NULL};
  assert_int_equal(pt2_runner_run(runner, inputs, 2, outputs, 1),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(), "the model has 1 inputs, got 2");
  assert_int_equal(pt2_runner_run(runner, inputs, 1, outputs, 2),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_runner_run(runner, inputs + 1, 1, outputs, 1),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(), "input 0 (ARGS[0]) is NULL");
  assert_int_equal(pt2_runner_run(runner, NULL, 1, outputs, 1),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_null(outputs[0]);
  pt2_tensor_release(inputs[0]);
  pt2_runner_release(runner);
}

static void test_options_are_checked(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  assert_int_equal(pt2_package_open(ADD, NULL, &package), 0);
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.num_runners = 0;
  assert_int_equal(pt2_runner_create(package, &options, &runner),
                   PT2_STATUS_INVALID_ARGUMENT);
  options.num_runners = 2;
  options.run_single_threaded = true;
  assert_int_equal(pt2_runner_create(package, &options, &runner),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(),
                      "a single-threaded runner has 1 instance, not 2");
  options.num_runners = 1;
  options.use_stream_affinity = true;
  assert_int_equal(pt2_runner_create(package, &options, &runner),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(),
                      "a single-threaded runner has no stream affinity");
  options.run_single_threaded = false;
  assert_int_equal(pt2_runner_create(package, &options, &runner),
                   PT2_STATUS_UNSUPPORTED);
  assert_string_equal(pt2_error_message(),
                      "stream affinity: device cpu has no streams");
  options.use_stream_affinity = false;
  options.run_single_threaded = true;
  options.device_index = 3;
  assert_int_equal(pt2_runner_create(package, &options, &runner),
                   PT2_STATUS_INVALID_ARGUMENT);
  options.device_index = 0;
  options.model_name = "nobody";
  assert_int_equal(pt2_runner_create(package, &options, &runner),
                   PT2_STATUS_NOT_FOUND);
  assert_non_null(strstr(pt2_error_message(), "nobody"));
  assert_non_null(strstr(pt2_error_message(), "model"));
  options.model_name = "model";
  options.struct_bytes = 1;
  assert_int_equal(pt2_runner_create(package, &options, &runner),
                   PT2_STATUS_INVALID_ARGUMENT);
  // An older program's shorter struct gets the defaults for the rest.
  options.struct_bytes = offsetof(pt2_runner_options_t, device_index);
  assert_int_equal(pt2_runner_create(package, &options, &runner), 0);
  pt2_tensor_t* input = make_input(ROWS, COLUMNS, 2);
  pt2_tensor_t* output = NULL;
  assert_int_equal(pt2_runner_run(runner, &input, 1, &output, 1), 0);
  check_add(output, 2);
  pt2_tensor_release(input);
  pt2_tensor_release(output);
  pt2_runner_release(runner);
  pt2_package_release(package);
}

static void test_from_descriptor_and_memory(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  int fd = open(ADD, O_RDONLY);
  assert_true(fd >= 0);
  struct stat status;
  assert_int_equal(fstat(fd, &status), 0);
  char* bytes = malloc((size_t)status.st_size);
  assert_int_equal(read(fd, bytes, (size_t)status.st_size), status.st_size);
  pt2_package_t* packages[2] = {NULL};
  assert_int_equal(pt2_package_open_fd(fd, NULL, &packages[0]), 0);
  close(fd);
  assert_int_equal(pt2_package_open_memory(bytes, (size_t)status.st_size, NULL,
                                           &packages[1]),
                   0);
  for (int i = 0; i < 2; ++i) {
    pt2_runner_t* runner = NULL;
    assert_int_equal(pt2_runner_create(packages[i], NULL, &runner), 0);
    pt2_tensor_t* input = make_input(ROWS, COLUMNS, -7);
    pt2_tensor_t* output = NULL;
    assert_int_equal(pt2_runner_run(runner, &input, 1, &output, 1), 0);
    check_add(output, -7);
    pt2_tensor_release(input);
    pt2_tensor_release(output);
    pt2_package_release(packages[i]);
    pt2_runner_release(runner);
  }
  free(bytes);
}

// ---- Threads ---------------------------------------------------------------

enum { THREADS = 8, TURNS = 100 };

typedef struct {
  pt2_runner_t* runner;
  int number;
  bool good;
} caller_t;

static void* call_many(void* argument) {
  caller_t* caller = argument;
  caller->good = true;
  for (int turn = 0; turn < TURNS; ++turn) {
    float first = (float)(caller->number * 1000 + turn);
    pt2_tensor_t* input = make_input(ROWS, COLUMNS, first);
    pt2_tensor_t* output = NULL;
    if (pt2_runner_run(caller->runner, &input, 1, &output, 1) != 0) {
      caller->good = false;
      pt2_tensor_release(input);
      break;
    }
    const float* data = pt2_tensor_peek_data(output);
    for (int i = 0; i < COUNT; ++i) {
      caller->good &= data[i] == relu_plus_one(first + (float)i * 0.25f);
    }
    // A wrong call between good ones: the record is this thread's own.
    pt2_tensor_t* wrong = make_input(ROWS, 1 + caller->number, 0);
    pt2_tensor_t* none = NULL;
    char expected[80];
    snprintf(expected, sizeof(expected),
             "input 0 (ARGS[0]) dim 1: expected 16, got %d",
             1 + caller->number);
    caller->good &= pt2_runner_run(caller->runner, &wrong, 1, &none, 1) ==
                        PT2_STATUS_INVALID_ARGUMENT &&
                    strcmp(pt2_error_message(), expected) == 0;
    pt2_tensor_release(wrong);
    pt2_tensor_release(input);
    pt2_tensor_release(output);
  }
  return NULL;
}

static void test_threads_share_a_runner(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  for (size_t num_runners = 1; num_runners <= 3; num_runners += 2) {
    pt2_runner_t* runner = load(ADD, num_runners);
    pthread_t threads[THREADS];
    caller_t callers[THREADS];
    for (int i = 0; i < THREADS; ++i) {
      callers[i] = (caller_t){.runner = runner, .number = i};
      assert_int_equal(
          pthread_create(&threads[i], NULL, call_many, &callers[i]), 0);
    }
    for (int i = 0; i < THREADS; ++i) {
      pthread_join(threads[i], NULL);
      assert_true(callers[i].good);
    }
    pt2_runner_release(runner);
  }
}

static void* load_and_run(void* argument) {
  caller_t* caller = argument;
  for (int turn = 0; turn < 5; ++turn) {
    caller->runner = load(ADD, 1);
    pt2_tensor_t* input = make_input(ROWS, COLUMNS, 3);
    pt2_tensor_t* output = NULL;
    caller->good =
        pt2_runner_run(caller->runner, &input, 1, &output, 1) == 0 &&
        ((float*)pt2_tensor_peek_data(output))[5] == 3 + 5 * 0.25f + 1;
    pt2_tensor_release(input);
    pt2_tensor_release(output);
    pt2_runner_release(caller->runner);
  }
  return NULL;
}

static void test_threads_load_and_unload_at_once(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pthread_t threads[4];
  caller_t callers[4] = {0};
  for (int i = 0; i < 4; ++i) {
    pthread_create(&threads[i], NULL, load_and_run, &callers[i]);
  }
  for (int i = 0; i < 4; ++i) {
    pthread_join(threads[i], NULL);
    assert_true(callers[i].good);
  }
}

// ---- What is left ----------------------------------------------------------

static size_t count_lines(const char* path, const char* what) {
  FILE* file = fopen(path, "r");
  char line[1024];
  size_t count = 0;
  while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
    count += strstr(line, what) != NULL;
  }
  if (file != NULL) {
    fclose(file);
  }
  return count;
}

static int next_descriptor(void) {
  int fd = open("/dev/null", O_RDONLY);
  close(fd);
  return fd;
}

static void run_once(pt2_runner_t* runner) {
  pt2_tensor_t* input = make_input(ROWS, COLUMNS, 0);
  pt2_tensor_t* output = NULL;
  assert_int_equal(pt2_runner_run(runner, &input, 1, &output, 1), 0);
  pt2_tensor_release(input);
  pt2_tensor_release(output);
}

static void test_two_hundred_loads_leave_nothing(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_runner_t* runner = load(ADD, 1);
  run_once(runner);
  assert_true(count_lines("/proc/self/maps", "pt2-model") > 0);
  pt2_runner_release(runner);
  int descriptor = next_descriptor();
  size_t mappings = count_lines("/proc/self/maps", "");
  for (int i = 0; i < 200; ++i) {
    runner = load(ADD, 1);
    run_once(runner);
    pt2_runner_release(runner);
    assert_int_equal(count_lines("/proc/self/maps", "pt2-model"), 0);
  }
  assert_int_equal(next_descriptor(), descriptor);
  // The allocator may map a little more for itself, never one a load.
  assert_true(count_lines("/proc/self/maps", "") < mappings + 20);
}

static void test_every_failed_allocation_is_an_error(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  // Everything that is made once per process first.
  pt2_runner_release(load(ADD, 1));
  int descriptor = next_descriptor();
  size_t failures = 0;
  for (uint64_t nth = 1;; ++nth) {
    pt2_package_t* package = NULL;
    pt2_runner_t* runner = NULL;
    pt2_tensor_t* input = make_input(ROWS, COLUMNS, 4);
    pt2_tensor_t* output = NULL;
    pt2__fault_set(nth, false);
    pt2_status_t status = pt2_package_open(ADD, NULL, &package);
    if (status == PT2_STATUS_OK) {
      status = pt2_runner_create(package, NULL, &runner);
    }
    if (status == PT2_STATUS_OK) {
      status = pt2_runner_run(runner, &input, 1, &output, 1);
    }
    uint64_t seen = pt2__fault_set(0, false);
    if (status == PT2_STATUS_OK) {
      check_add(output, 4);
    } else {
      ++failures;
      assert_null(output);
      assert_true(pt2_error_message()[0] != '\0');
    }
    pt2_tensor_release(output);
    pt2_tensor_release(input);
    pt2_runner_release(runner);
    pt2_package_release(package);
    assert_int_equal(next_descriptor(), descriptor);
    assert_int_equal(count_lines("/proc/self/maps", "pt2-model"), 0);
    if (seen < nth) {
      break;
    }
  }
  assert_true(failures > 30);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      // First: a process that had threads cannot be forked under TSan.
      cmocka_unit_test(test_children_run_what_their_parent_loaded),
      cmocka_unit_test(test_outputs_outlive_the_runner),
      cmocka_unit_test(test_boxed_inputs_are_taken),
      cmocka_unit_test(test_outputs_given_are_written),
      cmocka_unit_test(test_cancelled_calls_do_not_run),
      cmocka_unit_test(test_none_duplicate_alias_and_mutation),
      cmocka_unit_test(test_wrong_calls_are_named),
      cmocka_unit_test(test_options_are_checked),
      cmocka_unit_test(test_from_descriptor_and_memory),
      cmocka_unit_test(test_threads_share_a_runner),
      cmocka_unit_test(test_threads_load_and_unload_at_once),
      cmocka_unit_test(test_two_hundred_loads_leave_nothing),
      cmocka_unit_test(test_every_failed_allocation_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
