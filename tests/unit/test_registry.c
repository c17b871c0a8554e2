// SPDX-License-Identifier: Apache-2.0
//
// The registry of runners by device name, and the checks of inputs.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "pt2/pt2.h"
#include "runner/input_check.h"

static pt2_status_t refuse(pt2_package_t* package, size_t model,
                           const pt2_runner_options_t* options,
                           pt2_runner_t** out_runner) {
  (void)package, (void)model, (void)options, (void)out_runner;
  return PT2_STATUS_UNSUPPORTED;
}

static void test_cpu_is_there_and_names_are_taken_once(void** state) {
  (void)state;
  assert_string_equal(pt2_runner_registry_peek_device(0), "cpu");
  size_t count = pt2_runner_registry_count();
  char name[] = "toaster";
  assert_int_equal(pt2_runner_register(name, refuse), PT2_STATUS_OK);
  name[0] = 'x';  // it was copied
  assert_string_equal(pt2_runner_registry_peek_device(count), "toaster");
  assert_null(pt2_runner_registry_peek_device(count + 1));
  assert_int_equal(pt2_runner_register("toaster", refuse),
                   PT2_STATUS_FAILED_PRECONDITION);
  assert_int_equal(pt2_runner_register("cpu", refuse),
                   PT2_STATUS_FAILED_PRECONDITION);
  assert_int_equal(pt2_runner_register("", refuse),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_runner_register("a", NULL), PT2_STATUS_INVALID_ARGUMENT);
}

static void* register_many(void* first) {
  for (int i = 0; i < 50; ++i) {
    char name[32];
    snprintf(name, sizeof(name), "device-%d", (int)(intptr_t)first + i);
    // Names overlap between the threads: one of two wins.
    pt2_status_t status = pt2_runner_register(name, refuse);
    assert_true(status == PT2_STATUS_OK ||
                status == PT2_STATUS_FAILED_PRECONDITION);
    assert_non_null(pt2_runner_registry_peek_device(0));
  }
  return NULL;
}

static void test_threads_register_at_once(void** state) {
  (void)state;
  size_t before = pt2_runner_registry_count();
  pthread_t threads[4];
  for (intptr_t i = 0; i < 4; ++i) {
    pthread_create(&threads[i], NULL, register_many, (void*)(i * 25));
  }
  for (int i = 0; i < 4; ++i) {
    pthread_join(threads[i], NULL);
  }
  assert_int_equal(pt2_runner_registry_count(), before + 125);
}

static void test_arguments(void** state) {
  (void)state;
  pt2_runner_t* runner = NULL;
  assert_int_equal(pt2_runner_create(NULL, NULL, &runner),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_runner_run(NULL, NULL, 0, NULL, 0),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_null(runner);
  pt2_runner_release(NULL);
}

// ---- Input checks ----------------------------------------------------------

static const pt2_dim_info_t two_dims[] = {
    {.min = 2, .max = 64, .symbol = "s0", .stride = 16},
    {.min = 16, .max = 16, .stride = 1}};
static const pt2_dim_info_t one_dim[] = {
    {.min = 0, .max = INT64_MAX, .symbol = "s0", .stride = PT2_STRIDE_ANY}};
static const pt2_value_info_t infos[] = {
    {.name = "ARGS[0]", .dtype = PT2_DTYPE_F32, .rank = 2, .dims = two_dims},
    {.name = "KWARGS[mask]",
     .dtype = PT2_DTYPE_BOOL,
     .rank = 1,
     .dims = one_dim},
    {.name = "ARGS[1]", .dtype = PT2_DTYPE_UNDEFINED, .rank = -1}};

static pt2_tensor_t* make(pt2_dtype_t dtype, size_t rank, int64_t a, int64_t b,
                          const int64_t* strides) {
  const int64_t sizes[] = {a, b};
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_create(dtype, rank, sizes, strides, &tensor), 0);
  return tensor;
}

// Checks the three inputs and wants |message|, NULL for none; frees them.
static void expect(pt2_tensor_t* x, pt2_tensor_t* mask, pt2_tensor_t* y,
                   const char* message) {
  pt2__input_checks_t* checks = NULL;
  bool complete = true;
  assert_int_equal(
      pt2__input_checks_create(infos, 3, PT2_DEVICE_CPU, &checks, &complete),
      0);
  assert_false(complete);
  pt2_tensor_t* inputs[] = {x, mask, y};
  pt2_error_clear();
  pt2_status_t status = pt2__input_checks_run(checks, inputs);
  if (message == NULL) {
    assert_int_equal(status, PT2_STATUS_OK);
  } else {
    assert_int_equal(status, PT2_STATUS_INVALID_ARGUMENT);
    assert_string_equal(pt2_error_message(), message);
  }
  pt2__input_checks_destroy(checks);
  for (int i = 0; i < 3; ++i) {
    pt2_tensor_release(inputs[i]);
  }
}

static void test_inputs_are_named(void** state) {
  (void)state;
  const int64_t column[] = {1, 8};
  const int64_t padded[] = {99, 1};
#define F32 PT2_DTYPE_F32
#define MASK(n) make(PT2_DTYPE_BOOL, 1, n, 0, NULL)
#define ANY make(PT2_DTYPE_I64, 0, 0, 0, NULL)
  expect(make(F32, 2, 8, 16, NULL), MASK(8), ANY, NULL);
  expect(make(F32, 2, 8, 15, NULL), MASK(8), ANY,
         "input 0 (ARGS[0]) dim 1: expected 16, got 15");
  expect(make(F32, 2, 1, 16, NULL), MASK(1), ANY,
         "input 0 (ARGS[0]) dim 0: expected 2 to 64, got 1");
  expect(make(F32, 1, 8, 0, NULL), MASK(8), ANY,
         "input 0 (ARGS[0]): expected rank 2, got 1");
  expect(make(PT2_DTYPE_F64, 2, 8, 16, NULL), MASK(8), ANY,
         "input 0 (ARGS[0]): expected dtype f32, got f64");
  expect(make(F32, 2, 8, 16, column), MASK(8), ANY,
         "input 0 (ARGS[0]) stride of dim 0: expected 16, got 1");
  expect(make(F32, 2, 8, 16, padded), MASK(8), ANY,
         "input 0 (ARGS[0]) stride of dim 0: expected 16, got 99");
  expect(make(F32, 2, 8, 16, NULL), MASK(9), ANY,
         "input 1 (KWARGS[mask]) dim 0: expected 8 (s0, as in another input), "
         "got 9");
  pt2_tensor_t* elsewhere = make(F32, 2, 8, 16, NULL);
  elsewhere->device_type = PT2_DEVICE_CUDA;
  expect(elsewhere, MASK(8), ANY,
         "input 0 (ARGS[0]): expected device cpu, got cuda");
#undef ANY
#undef MASK
#undef F32
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_cpu_is_there_and_names_are_taken_once),
      cmocka_unit_test(test_threads_register_at_once),
      cmocka_unit_test(test_arguments),
      cmocka_unit_test(test_inputs_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
