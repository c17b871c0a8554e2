// SPDX-License-Identifier: Apache-2.0
//
// Shims when memory runs out: each allocation of each fails once; and the
// profiler's observer, which only C sees.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/memory.h"
#include "gen/shim.h"
#include "pt2/pt2.h"
#include "shim/profiler.h"
#include "tensor/tensor.h"

static const int64_t sizes[] = {2, 1, 2, 1, 2, 1, 2, 3};
static const int64_t strides[] = {24, 24, 12, 12, 6, 6, 3, 1};
static const int64_t swapped[] = {1, 1, 2, 2, 4, 4, 8, 16};
static float blob[48];
static pt2_tensor_t* source;      // eight dimensions: more than fit inside
static pt2_tensor_t* overlapped;  // [4], over the same memory as |shifted|
static pt2_tensor_t* shifted;

// One call each. What it makes is freed; 0 or 1 as the shim said.

static int free_tensor(int code, AtenTensorHandle handle) {
  assert_int_equal(code == 0, handle != NULL);
  aoti_torch_delete_tensor_object(handle);
  return code;
}

static int make_empty(void) {
  AtenTensorHandle handle = NULL;
  int code = aoti_torch_empty_strided(8, sizes, strides, 6, 0, 0, &handle);
  return free_tensor(code, handle);
}

static int make_blob(void) {
  AtenTensorHandle handle = NULL;
  int code = aoti_torch_create_tensor_from_blob(blob, 8, sizes, strides, 0, 6,
                                                0, 0, &handle);
  return free_tensor(code, handle);
}

static int make_view(void) {
  AtenTensorHandle handle = NULL;
  int code =
      aoti_torch__reinterpret_tensor(source, 8, sizes, strides, 0, &handle);
  return free_tensor(code, handle);
}

static int make_handle(void) {
  AtenTensorHandle handle = NULL;
  int code = aoti_torch_new_tensor_handle(source, &handle);
  return free_tensor(code, handle);
}

static int make_clone(void) {
  AtenTensorHandle handle = NULL;
  int code = aoti_torch_clone(source, &handle);
  return free_tensor(code, handle);
}

static int make_clone_preserve_strides(void) {
  AtenTensorHandle handle = NULL;
  int code = aoti_torch_clone_preserve_strides(source, &handle);
  return free_tensor(code, handle);
}

static int make_scalar(void) {
  AtenTensorHandle handle = NULL;
  int code = aoti_torch_scalar_to_tensor_int64(5, &handle);
  return free_tensor(code, handle);
}

static int make_undefined(void) {
  AtenTensorHandle handle = NULL;
  int code = aoti_torch_new_uninitialized_tensor(&handle);
  return free_tensor(code, handle);
}

static int copy_overlapped(void) {
  return aoti_torch_copy_(shifted, overlapped, 0);
}

static int make_guard(void) {
  DeviceGuardHandle handle = NULL;
  int code = aoti_torch_create_device_guard(0, &handle);
  aoti_torch_delete_device_guard(handle);
  return code;
}

static int make_stream(void) {
  StreamHandle handle = NULL;
  int code = aoti_torch_get_current_stream(0, &handle);
  aoti_torch_delete_stream(handle);
  return code;
}

static int make_span(void) {
  AtenRecordFunctionHandle handle = NULL;
  int code = aoti_record_function_start("k", NULL, NULL, 0, &handle);
  aoti_record_function_end(handle);
  return code;
}

static int free_value(int code, C10IValueHandle value) {
  assert_int_equal(code == 0, value != NULL);
  aoti_torch_delete_c10_value_object(value);
  return code;
}

static int make_int_value(void) {
  C10IValueHandle value = NULL;
  int code = aoti_torch_int64_to_ivalue(3, &value);
  return free_value(code, value);
}

static int make_string_values(void) {
  const char* strings[] = {"a", "b", "c"};
  C10IValueHandle value = NULL;
  int code = aoti_torch_strlist_to_ivalue(strings, 3, &value);
  return free_value(code, value);
}

static int make_tensor_value(void) {
  C10IValueHandle value = NULL;
  int code = aoti_torch_tensor_to_ivalue(source, &value);
  return free_value(code, value);
}

static const struct {
  const char* name;
  int (*call)(void);
  uint64_t least;  // allocations, so that the test is none of nothing
} calls[] = {
    {"empty_strided", make_empty, 3},
    {"create_tensor_from_blob", make_blob, 3},
    {"_reinterpret_tensor", make_view, 2},
    {"new_tensor_handle", make_handle, 2},
    {"clone", make_clone, 3},
    {"clone_preserve_strides", make_clone_preserve_strides, 3},
    {"scalar_to_tensor", make_scalar, 2},
    {"new_uninitialized_tensor", make_undefined, 1},
    {"copy_", copy_overlapped, 2},
    {"create_device_guard", make_guard, 1},
    {"get_current_stream", make_stream, 1},
    {"record_function_start", make_span, 1},
    {"int64_to_ivalue", make_int_value, 1},
    {"strlist_to_ivalue", make_string_values, 5},
    {"tensor_to_ivalue", make_tensor_value, 3},
};

static void test_each_allocation_fails_once(void** state) {
  (void)state;
  for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); ++i) {
    size_t before;
    size_t after;
    size_t kept;
    pt2__pool_statistics(&before, &kept);
    uint64_t failed = 0;
    int code = 1;
    while (code != 0 && failed < 50) {
      pt2_error_clear();
      pt2__fault_set(failed + 1, false);
      code = calls[i].call();
      pt2__fault_set(0, false);
      if (code != 0) {
        ++failed;
        assert_int_equal(pt2_error_status(), PT2_STATUS_OUT_OF_MEMORY);
        assert_non_null(strstr(pt2_error_message(), calls[i].name));
      }
    }
    assert_int_equal(code, 0);
    if (failed < calls[i].least) {
      fail_msg("%s: only %d allocations", calls[i].name, (int)failed);
    }
    pt2__pool_statistics(&after, &kept);
    assert_int_equal(before, after);
  }
}

static void test_zero_of_gaps_when_memory_runs_out(void** state) {
  (void)state;
  AtenTensorHandle view = NULL;
  const int64_t eight = 8;
  const int64_t two = 2;
  assert_int_equal(
      aoti_torch__reinterpret_tensor(source, 1, &eight, &two, 0, &view), 0);
  uint64_t failed = 0;
  int code = 1;
  while (code != 0 && failed < 50) {
    pt2_error_clear();
    pt2__fault_set(failed + 1, false);
    code = aoti_torch_zero_(view);
    pt2__fault_set(0, false);
    if (code != 0) {
      ++failed;
      assert_int_equal(pt2_error_status(), PT2_STATUS_OUT_OF_MEMORY);
    }
  }
  assert_int_equal(code, 0);
  assert_true(failed >= 3);
  aoti_torch_delete_tensor_object(view);
}

// A warm run allocates nothing from the system: all of it comes out of the pool
// again.
static void test_warm_calls_come_from_the_pool(void** state) {
  (void)state;
  assert_int_equal(make_empty(), 0);
  assert_int_equal(make_clone(), 0);
  size_t used;
  size_t kept_before;
  size_t kept_after;
  pt2__pool_statistics(&used, &kept_before);
  for (int i = 0; i < 100; ++i) {
    assert_int_equal(make_empty(), 0);
    assert_int_equal(make_clone(), 0);
    assert_int_equal(make_view(), 0);
  }
  pt2__pool_statistics(&used, &kept_after);
  assert_int_equal(kept_before, kept_after);
}

// ---- Observer --------------------------------------------------------------

typedef struct {
  int begun;
  int ended;
} seen_t;

static void* on_begin(void* user, const char* name,
                      const pt2__ivalue_t* const* inputs, size_t count) {
  seen_t* seen = user;
  ++seen->begun;
  assert_string_equal(name, "kernel");
  assert_int_equal(count, 3);
  assert_int_equal(inputs[0]->kind, PT2__IVALUE_INT);
  assert_int_equal(inputs[0]->integer, 7);
  assert_int_equal(inputs[1]->kind, PT2__IVALUE_STRING);
  assert_string_equal(inputs[1]->strings[0], "text");
  assert_int_equal(inputs[2]->kind, PT2__IVALUE_TENSOR);
  assert_int_equal(pt2_tensor_rank(inputs[2]->tensor), 8);
  return seen;
}

static void on_end(void* user, void* span) {
  assert_ptr_equal(user, span);
  ++((seen_t*)user)->ended;
}

static void test_observer(void** state) {
  (void)state;
  seen_t seen = {0, 0};
  const pt2__span_observer_t observer = {on_begin, on_end, &seen};
  C10IValueHandle inputs[3];
  assert_int_equal(aoti_torch_int64_to_ivalue(7, &inputs[0]), 0);
  assert_int_equal(aoti_torch_str_to_ivalue("text", &inputs[1]), 0);
  assert_int_equal(aoti_torch_tensor_to_ivalue(source, &inputs[2]), 0);
  AtenRecordFunctionHandle span = NULL;
  pt2__profiler_observe(&observer);
  assert_int_equal(aoti_record_function_start("kernel", NULL, inputs, 3, &span),
                   0);
  pt2__profiler_observe(NULL);
  assert_int_equal(aoti_record_function_end(span), 0);
  assert_int_equal(seen.begun, 1);
  assert_int_equal(seen.ended, 1);
  assert_int_equal(make_span(), 0);  // nobody watches
  assert_int_equal(seen.begun, 1);
  for (int i = 0; i < 3; ++i) {
    aoti_torch_delete_c10_value_object(inputs[i]);
  }
}

static int set_up(void** state) {
  (void)state;
  const int64_t four = 4;
  const int64_t one = 1;
  return aoti_torch_create_tensor_from_blob(blob, 8, sizes, swapped, 0, 6, 0, 0,
                                            &source) ||
         aoti_torch_create_tensor_from_blob(blob, 1, &four, &one, 0, 6, 0, 0,
                                            &overlapped) ||
         aoti_torch_create_tensor_from_blob(blob + 1, 1, &four, &one, 0, 6, 0,
                                            0, &shifted);
}

static int tear_down(void** state) {
  (void)state;
  aoti_torch_delete_tensor_object(source);
  aoti_torch_delete_tensor_object(overlapped);
  aoti_torch_delete_tensor_object(shifted);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_each_allocation_fails_once),
      cmocka_unit_test(test_zero_of_gaps_when_memory_runs_out),
      cmocka_unit_test(test_warm_calls_come_from_the_pool),
      cmocka_unit_test(test_observer),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
