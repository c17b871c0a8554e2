// SPDX-License-Identifier: Apache-2.0
//
// The proxy executor and the registry of operators: every kind of argument,
// results, what is refused, threads, failing allocations.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/memory.h"
#include "gen/shim.h"
#include "pt2/pt2.h"
#include "shim/op_registry.h"
#include "shim/proxy_executor.h"

#define INPUT(name, arg) "{\"name\":\"" name "\",\"arg\":{" arg "},\"kind\":1}"
#define T(name) "{\"name\":\"" name "\"}"
#define NODE(target, inputs, outputs)                                       \
  "{\"name\":\"n\",\"node\":{\"target\":\"" target "\",\"inputs\":[" inputs \
  "],\"outputs\":[" outputs "],\"metadata\":{}}}"
#define NODES(list) "{\"nodes\":[" list "]}"
#define ONE_TENSOR "{\"as_tensor\":" T("o") "}"

static pt2__proxy_executor_t* create(const char* json) {
  pt2__proxy_executor_t* executor = NULL;
  pt2_error_clear();
  pt2_status_t status =
      pt2__proxy_executor_create(json, strlen(json), &executor);
  if (status != PT2_STATUS_OK) {
    assert_null(executor);
  }
  return executor;
}

static pt2_tensor_t* numbers(int64_t count, float first) {
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 1, &count, NULL, &tensor),
                   0);
  for (int64_t i = 0; i < count; ++i) {
    ((float*)pt2_tensor_peek_data(tensor))[i] = first + (float)i;
  }
  return tensor;
}

static float first_of(const pt2_tensor_t* tensor) {
  return *(const float*)pt2_tensor_peek_data(tensor);
}

static pt2_tensor_t* undefined(void) {
  AtenTensorHandle handle = NULL;
  assert_int_equal(aoti_torch_new_uninitialized_tensor(&handle), 0);
  return handle;
}

// ---- Every kind of argument ------------------------------------------------

static const char every_kind[] = NODES(
    NODE("my::all.v1",
         INPUT("t", "\"as_tensor\":" T(
                        "a")) "," INPUT("ts",
                                        "\"as_tensors\":[" T("b") "," T("c") "]") "," INPUT("ots",
                                                                                            "\"as_optional_tensors\":[{\"as_tensor\":" T(
                                                                                                "d") "},{\"as_none\":true},{\"as_tensor\":" T("e") "}]") "," INPUT("ot",
                                                                                                                                                                   "\"as_optional_tensor\":{\"as_tensor\":" T("f") "}") "," INPUT("on",
                                                                                                                                                                                                                                  "\"as_optional_tensor\":{\"as_none\":true}") "," INPUT("none",
                                                                                                                                                                                                                                                                                         "\"as_none\":true") "," INPUT("i",
                                                                                                                                                                                                                                                                                                                       "\"as_int\":3") "," INPUT("is",
                                                                                                                                                                                                                                                                                                                                                 "\"as_ints\":[4,5]") "," INPUT("si",
                                                                                                                                                                                                                                                                                                                                                                                "\"as_sym_int\":{\"as_name\":\"s0\"}") "," INPUT("sis",
                                                                                                                                                                                                                                                                                                                                                                                                                                 "\"as_sym_ints\":[{\"as_int\":7},{\"as_name\":\"s1\"}]") "," INPUT("f",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "\"as_float\":0.5,\"as_int\":null") "," INPUT("inf",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  "\"as_float\":\"-Infinity\"") "," INPUT("fs",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          "\"as_floats\":[1,2.5,\"NaN\"]") "," INPUT("sf",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     "\"as_sym_float\":{\"as_float\":1.25}") "," INPUT("b",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       "\"as_bool\":true") "," INPUT("bs",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     "\"as_bools\":[true,false]") "," INPUT("s",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            "\"as_string\":\"mean\"") "," INPUT("ss",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                "\"as_strings\":[\"x\",\"y\"]") "," INPUT("z",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          "\"as_complex\":{\"real\":1.5,\"imag\":-2}") "," INPUT("dt",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "\"as_scalar_type\":7") "," INPUT("ly",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                   "\"as_layout\":7") "," INPUT("mf",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                "\"as_memory_format\":2") "," INPUT("dv",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "\"as_device\":{\"type\":\"cpu\",\"index\":null}") "," INPUT("dv1",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "\"as_device\":{\"type\":\"cuda\",\"index\":1}"),
         ONE_TENSOR ",{\"as_tensors\":[" T("p") "," T(
             "q") "]},"
                  "{\"as_none\":true},{\"as_int\":9},"
                  "{\"as_optional_tensor\":{\"as_none\":true}},"
                  "{\"as_optional_tensor\":{\"as_tensor\":" T("r") "}}"));

static void expect(const pt2_value_t* value, const char* name, int32_t kind) {
  assert_string_equal(value->name, name);
  assert_int_equal(value->kind, kind);
}

static void expect_tensors(const pt2_value_t* a) {
  expect(&a[0], "t", PT2_VALUE_TENSOR);
  assert_float_equal(first_of(a[0].as.tensor), 0, 0);
  expect(&a[1], "ts", PT2_VALUE_TENSOR_LIST);
  assert_int_equal(a[1].count, 2);
  assert_float_equal(first_of(a[1].as.tensors[0]), 1, 0);
  assert_float_equal(first_of(a[1].as.tensors[1]), 2, 0);
  expect(&a[2], "ots", PT2_VALUE_TENSOR_LIST);
  assert_int_equal(a[2].count, 3);
  assert_float_equal(first_of(a[2].as.tensors[0]), 3, 0);
  assert_null(a[2].as.tensors[1]);
  assert_float_equal(first_of(a[2].as.tensors[2]), 4, 0);
  expect(&a[3], "ot", PT2_VALUE_TENSOR);
  assert_float_equal(first_of(a[3].as.tensor), 5, 0);
  expect(&a[4], "on", PT2_VALUE_NONE);
  expect(&a[5], "none", PT2_VALUE_NONE);
}

static void expect_numbers(const pt2_value_t* a) {
  expect(&a[6], "i", PT2_VALUE_INT);
  assert_int_equal(a[6].as.integer, 30);  // the call's, not the JSON's
  expect(&a[7], "is", PT2_VALUE_INT_LIST);
  assert_int_equal(a[7].count, 2);
  assert_int_equal(a[7].as.integers[1], 50);
  expect(&a[8], "si", PT2_VALUE_INT);
  assert_int_equal(a[8].as.integer, 60);
  expect(&a[9], "sis", PT2_VALUE_INT_LIST);
  assert_int_equal(a[9].as.integers[1], 80);
  expect(&a[10], "f", PT2_VALUE_FLOAT);
  assert_true(a[10].as.number == 0.5);
  assert_true(a[11].as.number == -INFINITY);
  expect(&a[12], "fs", PT2_VALUE_FLOAT_LIST);
  assert_int_equal(a[12].count, 3);
  assert_true(a[12].as.numbers[1] == 2.5 && isnan(a[12].as.numbers[2]));
  expect(&a[13], "sf", PT2_VALUE_FLOAT);
  assert_true(a[13].as.number == 1.25);
  expect(&a[14], "b", PT2_VALUE_BOOL);
  assert_true(a[14].as.boolean);
  expect(&a[15], "bs", PT2_VALUE_BOOL_LIST);
  assert_true(a[15].as.booleans[0] && !a[15].as.booleans[1]);
}

static void expect_the_rest(const pt2_value_t* a) {
  expect(&a[16], "s", PT2_VALUE_STRING);
  assert_string_equal(a[16].as.string, "mean");
  expect(&a[17], "ss", PT2_VALUE_STRING_LIST);
  assert_int_equal(a[17].count, 2);
  assert_string_equal(a[17].as.strings[1], "y");
  expect(&a[18], "z", PT2_VALUE_COMPLEX);
  assert_true(a[18].as.complex_parts[0] == 1.5 &&
              a[18].as.complex_parts[1] == -2);
  // The export's numbers became torch's.
  expect(&a[19], "dt", PT2_VALUE_DTYPE);
  assert_int_equal(a[19].as.integer, PT2_DTYPE_F32);
  expect(&a[20], "ly", PT2_VALUE_LAYOUT);
  assert_int_equal(a[20].as.integer, 0);
  expect(&a[21], "mf", PT2_VALUE_MEMORY_FORMAT);
  assert_int_equal(a[21].as.integer, 2);
  expect(&a[22], "dv", PT2_VALUE_DEVICE);
  assert_int_equal(a[22].as.integer, PT2_DEVICE_CPU);
  assert_int_equal(a[22].index, -1);
  assert_int_equal(a[23].as.integer, PT2_DEVICE_CUDA);
  assert_int_equal(a[23].index, 1);
}

static pt2_status_t check_all(void* user, const pt2_value_t* arguments,
                              size_t argument_count, pt2_tensor_t** results,
                              size_t result_count) {
  assert_int_equal(argument_count, 24);
  assert_int_equal(result_count, 4);
  expect_tensors(arguments);
  expect_numbers(arguments);
  expect_the_rest(arguments);
  for (size_t i = 0; i < result_count; ++i) {
    assert_null(results[i]);
    results[i] = numbers(2, 100.0f + (float)i);
  }
  ++*(int*)user;
  return PT2_STATUS_OK;
}

static void test_every_kind(void** state) {
  (void)state;
  int calls = 0;
  assert_int_equal(pt2_op_register("my::all.v1", check_all, &calls), 0);
  pt2__proxy_executor_t* executor = create(every_kind);
  assert_non_null(executor);
  assert_int_equal(pt2__proxy_executor_node_count(executor), 1);
  assert_string_equal(pt2__proxy_executor_peek_target(executor, 0),
                      "my::all.v1");
  assert_null(pt2__proxy_executor_peek_problem(executor, 0));
  pt2_tensor_t* tensors[10];
  for (int i = 0; i < 10; ++i) {
    tensors[i] = i < 6 ? numbers(3, (float)i) : undefined();
  }
  int64_t ints[] = {30, 40, 50, 60, 70, 80, 9};
  for (int run = 0; run < 2; ++run) {
    assert_int_equal(aoti_torch_proxy_executor_call_function(executor, 0, 7,
                                                             ints, 10, tensors),
                     0);
    for (int i = 0; i < 4; ++i) {
      assert_float_equal(first_of(tensors[6 + i]), 100 + i, 0);
    }
  }
  assert_int_equal(calls, 2);
  for (int i = 0; i < 10; ++i) {
    aoti_torch_delete_tensor_object(tensors[i]);
  }
  pt2__proxy_executor_destroy(executor);
  assert_int_equal(pt2_op_unregister("my::all.v1"), 0);
}

// ---- The registry ----------------------------------------------------------

static pt2_status_t add_one(void* user, const pt2_value_t* arguments,
                            size_t argument_count, pt2_tensor_t** results,
                            size_t result_count) {
  (void)user;
  assert_int_equal(argument_count, 1);
  assert_int_equal(result_count, 1);
  const pt2_tensor_t* input = arguments[0].as.tensor;
  int64_t count = pt2_tensor_numel(input);
  pt2_status_t status =
      pt2_tensor_create(PT2_DTYPE_F32, 1, &count, NULL, &results[0]);
  if (status != PT2_STATUS_OK) {
    return status;
  }
  const float* from = pt2_tensor_peek_data(input);
  float* to = pt2_tensor_peek_data(results[0]);
  for (int64_t i = 0; i < count; ++i) {
    to[i] = from[i] + 1;
  }
  return PT2_STATUS_OK;
}

static void test_names(void** state) {
  (void)state;
  assert_int_equal(pt2_op_register("my::one", add_one, NULL), 0);
  assert_ptr_equal(pt2__op_find("my::one.default"), add_one);
  assert_ptr_equal(pt2__op_find("my::one"), add_one);
  assert_null(pt2__op_find("my::one.out"));
  assert_null(pt2__op_find("my::on"));
  assert_int_equal(pt2_op_register("my::one.default", add_one, NULL),
                   PT2_STATUS_FAILED_PRECONDITION);
  assert_non_null(strstr(pt2_error_message(), "registered already"));
  assert_int_equal(pt2_op_register("my::one.out", add_one, NULL), 0);
  assert_int_equal(pt2_op_unregister("my::one.default"), 0);
  assert_null(pt2__op_find("my::one"));
  assert_int_equal(pt2_op_unregister("my::one"), PT2_STATUS_NOT_FOUND);
  assert_non_null(strstr(pt2_error_message(), "\"my::one\""));
  assert_int_equal(pt2_op_unregister("my::one.out"), 0);
}

static void test_names_that_are_none(void** state) {
  (void)state;
  const char* const names[] = {NULL,    "",     "one",   "my:one",
                               "::one", "my::", "my::.x"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
    assert_int_equal(pt2_op_register(names[i], add_one, NULL),
                     PT2_STATUS_INVALID_ARGUMENT);
  }
  assert_int_equal(pt2_op_register("my::one", NULL, NULL),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_op_unregister(NULL), PT2_STATUS_INVALID_ARGUMENT);
}

// ---- Calls that fail -------------------------------------------------------

static const char one_node[] =
    NODES(NODE("my::one", INPUT("t", "\"as_tensor\":" T("a")), ONE_TENSOR));

static void expect_failure(pt2__proxy_executor_t* executor, int node, int ints,
                           int64_t* int_args, int tensors,
                           AtenTensorHandle* tensor_args, const char* message) {
  pt2_error_clear();
  assert_int_equal(aoti_torch_proxy_executor_call_function(
                       executor, node, ints, int_args, tensors, tensor_args),
                   1);
  if (strstr(pt2_error_message(), message) == NULL) {
    fail_msg("\"%s\" lacks \"%s\"", pt2_error_message(), message);
  }
}

static void test_wrong_calls(void** state) {
  (void)state;
  assert_int_equal(pt2_op_register("my::one", add_one, NULL), 0);
  pt2__proxy_executor_t* executor = create(one_node);
  pt2_tensor_t* tensors[] = {numbers(2, 1), undefined()};
  int64_t ints[] = {1};
  expect_failure(NULL, 0, 0, NULL, 2, tensors, "no extern nodes file");
  expect_failure(executor, 1, 0, NULL, 2, tensors, "no extern node 1, only 1");
  expect_failure(executor, -1, 0, NULL, 2, tensors, "no extern node -1");
  expect_failure(executor, 0, 1, ints, 2, tensors, "1 integers, expected 0");
  expect_failure(executor, 0, 0, NULL, 1, tensors, "1 tensors, expected 2");
  expect_failure(executor, 0, 0, NULL, -2, tensors, "-2 tensors");
  expect_failure(executor, 0, 0, NULL, 2, NULL, "are NULL");
  pt2_tensor_t* hole[] = {tensors[0], NULL};
  expect_failure(executor, 0, 0, NULL, 2, hole, "tensor 1 is a NULL handle");
  bool defined = true;
  assert_int_equal(aoti_torch_is_defined(tensors[1], &defined), 0);
  assert_false(defined);
  assert_non_null(strstr(pt2_error_message(), "operator my::one (extern"));
  aoti_torch_delete_tensor_object(tensors[0]);
  aoti_torch_delete_tensor_object(tensors[1]);
  pt2__proxy_executor_destroy(executor);
  assert_int_equal(pt2_op_unregister("my::one"), 0);
}

typedef enum { WITH_REASON, WITHOUT_REASON, LEAVES_NULL } failure_t;

static pt2_status_t failing(void* user, const pt2_value_t* arguments,
                            size_t argument_count, pt2_tensor_t** results,
                            size_t result_count) {
  (void)arguments;
  (void)argument_count;
  (void)result_count;
  results[0] = numbers(2, 5);  // passes to the caller, on failure too
  switch (*(failure_t*)user) {
    case WITH_REASON:
      pt2_op_set_error(PT2_STATUS_UNSUPPORTED, "only %d dims", 3);
      return PT2_STATUS_UNSUPPORTED;
    case WITHOUT_REASON:
      return PT2_STATUS_TIMEOUT;
    default:
      pt2_tensor_release(results[0]);
      results[0] = NULL;
      return PT2_STATUS_OK;
  }
}

static void test_failing_operators(void** state) {
  (void)state;
  static const char* const messages[] = {"my::one (extern node 0): only 3 dims",
                                         "TIMEOUT", "left result 0 of 1 NULL"};
  failure_t how = WITH_REASON;
  assert_int_equal(pt2_op_register("my::one", failing, &how), 0);
  pt2__proxy_executor_t* executor = create(one_node);
  pt2_tensor_t* tensors[] = {numbers(2, 1), numbers(2, 7)};
  size_t before;
  size_t after;
  size_t kept;
  pt2__pool_statistics(&before, &kept);
  for (int i = 0; i < 3; ++i) {
    how = (failure_t)i;
    expect_failure(executor, 0, 0, NULL, 2, tensors, messages[i]);
    assert_float_equal(first_of(tensors[1]), 7, 0);  // untouched
  }
  pt2__pool_statistics(&after, &kept);
  assert_int_equal(before, after);
  aoti_torch_delete_tensor_object(tensors[0]);
  aoti_torch_delete_tensor_object(tensors[1]);
  pt2__proxy_executor_destroy(executor);
  assert_int_equal(pt2_op_unregister("my::one"), 0);
}

// A node that cannot be run is known at once and fails when it is called.
static void test_nodes_that_cannot_run(void** state) {
  (void)state;
  static const char json[] = NODES(
      NODE("aten::nobody", INPUT("t", "\"as_tensor\":" T("a")), ONE_TENSOR) ","
      NODE("my::obj", INPUT("o", "\"as_custom_obj\":{\"name\":\"c\"}"), "") ","
      NODE("my::nest", INPUT("o", "\"as_nested_tensors\":[]"), "") ","
      NODE("my::sym", INPUT("x", "\"as_sym_float\":{\"as_name\":\"s\"}"), "") ","
      NODE("my::dev", INPUT("d", "\"as_device\":{\"type\":\"abacus\"}"), "") ","
      NODE("my::out", "", "{\"as_sym_int\":{\"as_name\":\"u0\"}}"));
  static const char* const reasons[] = {
      "no such operator", "as_custom_obj", "as_nested_tensors",
      "symbolic",         "abacus",        "as_sym_int"};
  pt2__proxy_executor_t* executor = create(json);
  assert_non_null(executor);
  assert_int_equal(pt2__proxy_executor_node_count(executor), 6);
  for (size_t i = 0; i < 6; ++i) {
    const char* problem = pt2__proxy_executor_peek_problem(executor, i);
    assert_non_null(problem);
    assert_non_null(strstr(problem, reasons[i]));
    expect_failure(executor, (int)i, 0, NULL, 0, NULL, reasons[i]);
    assert_non_null(strstr(pt2_error_message(),
                           pt2__proxy_executor_peek_target(executor, i)));
  }
  pt2__proxy_executor_destroy(executor);
  pt2__proxy_executor_destroy(NULL);
}

// ---- Damaged files ---------------------------------------------------------

static void test_damaged_json(void** state) {
  (void)state;
  static const char* const files[] = {
      "",
      "{",
      "[]",
      "{}",
      "{\"nodes\":3}",
      NODES("1"),
      NODES("{\"node\":{}}"),
      NODES("{\"node\":{\"target\":\"a::b\"}}"),
      NODES("{\"node\":{\"target\":\"a::b\",\"inputs\":[],\"outputs\":[4]}}"),
      NODES("{\"node\":{\"target\":\"a::b\",\"inputs\":[4],\"outputs\":[]}}"),
      NODES(NODE("a::b", INPUT("x", ""), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_int\":1,\"as_bool\":true"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_ints\":1"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_tensors\":{}"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_optional_tensors\":[1]"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_optional_tensors\":4"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_optional_tensor\":4"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_float\":\"many\""), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_floats\":[true]"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_bool\":1"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_bools\":[1]"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_string\":1"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_strings\":[1]"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_complex\":{\"real\":1}"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_scalar_type\":14"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_scalar_type\":99"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_scalar_type\":-1"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_layout\":0"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_memory_format\":\"a\""), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_device\":{}"), "")),
      NODES(NODE("a::b", INPUT("x", "\"as_sym_bool\":true"), "")),
  };
  for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); ++i) {
    if (create(files[i]) != NULL) {
      fail_msg("accepted: %s", files[i]);
    }
    assert_int_equal(pt2_error_status(), PT2_STATUS_CORRUPT);
    assert_non_null(strstr(pt2_error_message(), "extern node"));
  }
}

// Cut anywhere: an error, never a crash.
static void test_json_cut_anywhere(void** state) {
  (void)state;
  for (size_t bytes = 0; bytes + 1 < sizeof(every_kind); ++bytes) {
    pt2__proxy_executor_t* executor = NULL;
    pt2_error_clear();
    assert_int_equal(pt2__proxy_executor_create(every_kind, bytes, &executor),
                     PT2_STATUS_CORRUPT);
    assert_null(executor);
  }
}

// ---- Memory and threads ----------------------------------------------------

static void test_every_allocation_may_fail(void** state) {
  (void)state;
  int calls = 0;
  assert_int_equal(pt2_op_register("my::all.v1", check_all, &calls), 0);
  uint64_t nth = 1;
  pt2__proxy_executor_t* executor = NULL;
  for (; executor == NULL && nth < 100; ++nth) {
    pt2__fault_set(nth, false);
    executor = create(every_kind);
    pt2__fault_set(0, false);
    if (executor == NULL) {
      assert_int_equal(pt2_error_status(), PT2_STATUS_OUT_OF_MEMORY);
    }
  }
  assert_true(nth > 6);
  assert_non_null(executor);
  pt2__proxy_executor_destroy(executor);
  assert_int_equal(pt2_op_unregister("my::all.v1"), 0);

  assert_int_equal(pt2_op_register("my::one", add_one, NULL), 0);
  executor = create(one_node);
  pt2_tensor_t* tensors[] = {numbers(2, 1), numbers(2, 7)};
  int code = 1;
  for (nth = 1; code != 0 && nth < 100; ++nth) {
    pt2_error_clear();
    pt2__fault_set(nth, false);
    code = aoti_torch_proxy_executor_call_function(executor, 0, 0, NULL, 2,
                                                   tensors);
    pt2__fault_set(0, false);
    if (code != 0) {
      assert_int_equal(pt2_error_status(), PT2_STATUS_OUT_OF_MEMORY);
      assert_float_equal(first_of(tensors[1]), 7, 0);
    }
  }
  assert_true(nth > 3);
  assert_float_equal(first_of(tensors[1]), 2, 0);
  pt2__fault_set(1, false);
  assert_int_equal(pt2_op_register("my::two", add_one, NULL),
                   PT2_STATUS_OUT_OF_MEMORY);
  pt2__fault_set(0, false);
  assert_null(pt2__op_find("my::two"));
  aoti_torch_delete_tensor_object(tensors[0]);
  aoti_torch_delete_tensor_object(tensors[1]);
  pt2__proxy_executor_destroy(executor);
  assert_int_equal(pt2_op_unregister("my::one"), 0);
}

static void* call_often(void* executor) {
  for (int i = 0; i < 500; ++i) {
    int64_t two = 2;
    pt2_tensor_t* tensors[2] = {NULL, NULL};
    if (pt2_tensor_create(PT2_DTYPE_F32, 1, &two, NULL, &tensors[0]) != 0 ||
        aoti_torch_new_uninitialized_tensor(&tensors[1]) != 0) {
      return "no tensors";
    }
    float* data = pt2_tensor_peek_data(tensors[0]);
    data[0] = (float)i;
    data[1] = 0;
    if (aoti_torch_proxy_executor_call_function(executor, 0, 0, NULL, 2,
                                                tensors) != 0 ||
        first_of(tensors[1]) != (float)i + 1) {
      return "wrong";
    }
    aoti_torch_delete_tensor_object(tensors[0]);
    aoti_torch_delete_tensor_object(tensors[1]);
  }
  return NULL;
}

static void test_threads(void** state) {
  (void)state;
  assert_int_equal(pt2_op_register("my::one", add_one, NULL), 0);
  pt2__proxy_executor_t* executor = create(one_node);
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) {
    assert_int_equal(pthread_create(&threads[i], NULL, call_often, executor),
                     0);
  }
  for (int i = 0; i < 4; ++i) {
    void* problem = NULL;
    assert_int_equal(pthread_join(threads[i], &problem), 0);
    assert_null(problem);
  }
  // A model that was loaded before keeps the operator.
  assert_int_equal(pt2_op_unregister("my::one"), 0);
  assert_null(call_often(executor));
  pt2__proxy_executor_destroy(executor);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_kind),
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_names_that_are_none),
      cmocka_unit_test(test_wrong_calls),
      cmocka_unit_test(test_failing_operators),
      cmocka_unit_test(test_nodes_that_cannot_run),
      cmocka_unit_test(test_damaged_json),
      cmocka_unit_test(test_json_cut_anywhere),
      cmocka_unit_test(test_every_allocation_may_fail),
      cmocka_unit_test(test_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
