// SPDX-License-Identifier: Apache-2.0
//
// Registering and loading back ends, and a device whose memory the host cannot
// use and whose calls can be made to fail.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pt2/pt2.h"

// ---- A device of this test -------------------------------------------------

// Addresses are moved by this: the host crashes if it uses one.
#define HIDE ((uintptr_t)1 << 62)

static size_t live_bytes;
static int copies[3];
static int fail_at;  // the n-th call from now fails, 0: none

static void* hide(void* data) { return (void*)((uintptr_t)data | HIDE); }
static void* show(const void* data) {
  assert_true(((uintptr_t)data & HIDE) != 0);
  return (void*)((uintptr_t)data & ~HIDE);
}

static bool fails(void) { return fail_at > 0 && --fail_at == 0; }

static pt2_status_t synchronize(void* user, int32_t index) {
  (void)user, (void)index;
  return PT2_STATUS_OK;
}

static pt2_status_t allocate(void* user, int32_t index, size_t bytes,
                             void** out_data) {
  (void)user, (void)index;
  if (fails()) {
    return PT2_STATUS_OUT_OF_MEMORY;
  }
  *out_data = hide(aligned_alloc(64, (bytes + 63) / 64 * 64));
  live_bytes += bytes;
  return PT2_STATUS_OK;
}

static void free_memory(void* user, int32_t index, void* data, size_t bytes) {
  (void)user, (void)index;
  free(show(data));
  live_bytes -= bytes;
}

static pt2_status_t copy(void* user, int32_t kind, int32_t target_index,
                         void* target, int32_t source_index, const void* source,
                         size_t bytes) {
  (void)user, (void)target_index, (void)source_index;
  if (fails()) {
    return PT2_STATUS_INTERNAL;
  }
  memcpy(kind == PT2_COPY_FROM_DEVICE ? target : show(target),
         kind == PT2_COPY_TO_DEVICE ? source : show(source), bytes);
  ++copies[kind];
  return PT2_STATUS_OK;
}

static pt2_status_t fill(void* user, int32_t index, void* data, uint8_t value,
                         size_t bytes) {
  (void)user, (void)index;
  memset(show(data), value, bytes);
  return PT2_STATUS_OK;
}

static const char* why;
static const char* why_unavailable(void* user) {
  (void)user;
  return why;
}

static pt2_backend_t hidden(void) {
  return (pt2_backend_t){.struct_bytes = sizeof(pt2_backend_t),
                         .abi_version = PT2_BACKEND_ABI_VERSION,
                         .device = "hidden",
                         .device_type = 5,
                         .why_unavailable = why_unavailable,
                         .synchronize = synchronize,
                         .allocate = allocate,
                         .free = free_memory,
                         .copy = copy,
                         .fill = fill};
}

// ---- Registration ----------------------------------------------------------

static void refused(pt2_backend_t backend, pt2_status_t status,
                    const char* text) {
  assert_int_equal(pt2_backend_register(&backend), status);
  if (strstr(pt2_error_message(), text) == NULL) {
    fail_msg("\"%s\" is not in: %s", text, pt2_error_message());
  }
}

static void test_what_is_no_back_end_is_refused(void** state) {
  (void)state;
  pt2_backend_t b;
  assert_int_equal(pt2_backend_register(NULL), PT2_STATUS_INVALID_ARGUMENT);
  b = hidden();
  b.abi_version = 99;
  refused(b, PT2_STATUS_INCOMPATIBLE, "ABI version 99, this library has 1");
  b = hidden();
  b.struct_bytes = 4;
  refused(b, PT2_STATUS_INVALID_ARGUMENT, "struct_bytes is 4");
  b.struct_bytes = sizeof(b) + 8;
  refused(b, PT2_STATUS_INVALID_ARGUMENT, "struct_bytes");
  b = hidden();
  b.device = "";
  refused(b, PT2_STATUS_INVALID_ARGUMENT, "name of its device");
  b = hidden();
  b.copy = NULL;
  refused(b, PT2_STATUS_INVALID_ARGUMENT, "\"hidden\": copy may not be NULL");
  // What an older struct does not reach is NULL.
  b = hidden();
  b.struct_bytes = offsetof(pt2_backend_t, copy);
  refused(b, PT2_STATUS_INVALID_ARGUMENT, "copy may not be NULL");
  b = hidden();
  b.symbol_count = 2;
  refused(b, PT2_STATUS_INVALID_ARGUMENT, "symbols may not be NULL");
  b = hidden();
  b.set_device = synchronize;
  refused(b, PT2_STATUS_INVALID_ARGUMENT, "set all or none");
  b = hidden();
  b.oldest_torch_minor = 9;
  refused(b, PT2_STATUS_INVALID_ARGUMENT,
          "oldest_torch_minor and oldest_torch_reason");
  b = hidden();
  b.device_type = 0;
  refused(b, PT2_STATUS_INVALID_ARGUMENT, "0 is no device type");
  b.device_type = 4096;
  refused(b, PT2_STATUS_INVALID_ARGUMENT, "4096");
  b = hidden();
  b.device = "cpu";
  refused(b, PT2_STATUS_FAILED_PRECONDITION, "\"cpu\" is registered already");
  pt2__fault_set(1, false);
  refused(hidden(), PT2_STATUS_OUT_OF_MEMORY, "out of memory");
  pt2__fault_set(0, false);
  assert_null(pt2_backend_find("hidden"));
}

static void test_one_is_registered_once(void** state) {
  (void)state;
  pt2_backend_t b = hidden();
  assert_int_equal(pt2_backend_register(&b), PT2_STATUS_OK);
  refused(b, PT2_STATUS_FAILED_PRECONDITION,
          "\"hidden\" is registered already");
  b.device = "other";
  refused(b, PT2_STATUS_FAILED_PRECONDITION, "device type 5 is that of");
  assert_null(pt2_backend_find("other"));
  assert_non_null(pt2_backend_find("hidden"));
  assert_string_equal(pt2_device_type_name(5), "hidden");
}

static void test_why_a_device_is_not_here(void** state) {
  (void)state;
  assert_int_equal(pt2_backend_require("cpu"), PT2_STATUS_OK);
  assert_int_equal(pt2_backend_require("hidden"), PT2_STATUS_OK);
  why = "no such card";
  assert_int_equal(pt2_backend_require("hidden"), PT2_STATUS_INCOMPATIBLE);
  assert_non_null(strstr(pt2_error_message(), "no such card"));
  why = NULL;
#if !defined(__APPLE__)
  assert_int_equal(pt2_backend_require("mps"), PT2_STATUS_INCOMPATIBLE);
  assert_non_null(strstr(pt2_error_message(),
                         "runners for mps exist on Apple systems only"));
  assert_non_null(strstr(pt2_error_message(), "there are runners for: cpu"));
#endif
  assert_int_equal(pt2_backend_require("toaster"), PT2_STATUS_INCOMPATIBLE);
  assert_non_null(strstr(pt2_error_message(), "toaster"));
  // Registered ones first, then names alone; each once.
  size_t count = 0;
  const char* name;
  while ((name = pt2_backend_peek_device(count)) != NULL) {
    for (size_t i = 0; i < count; ++i) {
      assert_string_not_equal(pt2_backend_peek_device(i), name);
    }
    ++count;
  }
  assert_true(count >= 3);
  assert_string_equal(pt2_backend_peek_device(0), "cpu");
}

// ---- Plug-ins --------------------------------------------------------------

static void load_refused(const char* path, pt2_status_t status,
                         const char* text) {
  const char* device = NULL;
  assert_int_equal(pt2_backend_load(path, &device), status);
  assert_null(device);
  if (strstr(pt2_error_message(), text) == NULL ||
      (path != NULL && strstr(pt2_error_message(), path) == NULL)) {
    fail_msg("\"%s\" is not in: %s", text, pt2_error_message());
  }
}

static bool is_loaded(const char* path) {
  void* library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
  if (library != NULL) {
    dlclose(library);
  }
  return library != NULL;
}

static void test_plugins(void** state) {
  (void)state;
  load_refused(NULL, PT2_STATUS_INVALID_ARGUMENT, "path");
  load_refused("/nowhere/libx.so", PT2_STATUS_NOT_FOUND, "no such file");
  load_refused("/proc/self/status", PT2_STATUS_INCOMPATIBLE, "");
  load_refused(PT2_TEST_NO_ENTRY, PT2_STATUS_NOT_FOUND,
               "does not export pt2_backend_query");
  assert_false(is_loaded(PT2_TEST_NO_ENTRY));
  load_refused(PT2_TEST_WRONG_ABI, PT2_STATUS_INCOMPATIBLE, "ABI version");
  assert_false(is_loaded(PT2_TEST_WRONG_ABI));
  // Its name is taken the second time; the first one stays.
  const char* device = NULL;
  assert_int_equal(pt2_backend_load(PT2_TEST_NULL_BACKEND, &device),
                   PT2_STATUS_OK);
  assert_string_equal(device, "null");
  assert_true(is_loaded(PT2_TEST_NULL_BACKEND));
  load_refused(PT2_TEST_NULL_BACKEND, PT2_STATUS_FAILED_PRECONDITION,
               "\"null\" is registered already");
  assert_true(is_loaded(PT2_TEST_NULL_BACKEND));
}

// ---- Imports ---------------------------------------------------------------

static void test_imports_are_the_devices(void** state) {
  (void)state;
  void* on_cpu = pt2_shim_symbol("cpu", "aoti_torch_device_type_cpu");
  void* on_null = pt2_shim_symbol("null", "aoti_torch_device_type_cpu");
  assert_non_null(on_cpu);
  assert_non_null(on_null);
  assert_ptr_not_equal(on_cpu, on_null);
  // An operator that the back end lacks is the host's where it can be.
  void* op = pt2_shim_symbol("cpu", "aoti_torch_cpu_cumsum");
  assert_non_null(op);
  assert_ptr_equal(pt2_shim_symbol("null", "aoti_torch_null_cumsum"), op);
  assert_null(pt2_shim_symbol("hidden", "aoti_torch_hidden_cumsum"));
  assert_null(pt2_shim_symbol("null", "aoti_torch_null_no_such_op"));
  assert_null(pt2_shim_symbol("toaster", "aoti_torch_get_sizes"));
}

// ---- Memory the host cannot use --------------------------------------------

static pt2_tensor_t* range(const int64_t* strides, pt2_device_type_t type) {
  const int64_t sizes[] = {3, 4};
  pt2_tensor_t *host = NULL, *there = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_I32, 2, sizes, NULL, &host),
                   PT2_STATUS_OK);
  for (int32_t i = 0; i < 12; ++i) {
    ((int32_t*)pt2_tensor_peek_data(host))[i] = i;
  }
  assert_int_equal(
      pt2_tensor_create_on(type, 0, PT2_DTYPE_I32, 2, sizes, strides, &there),
      PT2_STATUS_OK);
  assert_int_equal(pt2_tensor_copy(there, host), PT2_STATUS_OK);
  pt2_tensor_release(host);
  return there;
}

static void assert_is_range(const pt2_tensor_t* tensor) {
  pt2_tensor_t *host = NULL, *flat = NULL;
  assert_int_equal(pt2_tensor_to(tensor, PT2_DEVICE_CPU, 0, &host),
                   PT2_STATUS_OK);
  assert_int_equal(pt2_tensor_clone(host, &flat), PT2_STATUS_OK);
  for (int32_t i = 0; i < 12; ++i) {
    assert_int_equal(((int32_t*)pt2_tensor_peek_data(flat))[i], i);
  }
  pt2_tensor_release(host);
  pt2_tensor_release(flat);
}

static const int64_t gaps[] = {9, 2};
static const int64_t columns[] = {1, 3};

static void test_hidden_memory_is_copied_by_the_back_end(void** state) {
  (void)state;
  const int64_t* layouts[] = {NULL, gaps, columns};
  for (int from = 0; from < 3; ++from) {
    for (int to = 0; to < 3; ++to) {
      for (int type = 5; type <= 20; type += 15) {  // to null: two back ends
        pt2_tensor_t* a = range(layouts[from], 5);
        pt2_tensor_t* b = NULL;
        const int64_t sizes[] = {3, 4};
        assert_int_equal(pt2_tensor_create_on(type, 0, PT2_DTYPE_I32, 2, sizes,
                                              layouts[to], &b),
                         PT2_STATUS_OK);
        assert_int_equal(pt2_tensor_copy(b, a), PT2_STATUS_OK);
        assert_is_range(b);
        assert_int_equal(pt2_tensor_copy(a, b), PT2_STATUS_OK);
        assert_is_range(a);
        pt2_tensor_release(a);
        pt2_tensor_release(b);
      }
    }
  }
  assert_int_equal(live_bytes, 0);
  assert_true(copies[0] > 0 && copies[1] > 0 && copies[2] > 0);
}

static void test_the_host_does_not_see_it(void** state) {
  (void)state;
  pt2_tensor_t* there = range(NULL, 5);
  assert_null(pt2_tensor_peek_data(there));
  assert_int_equal(pt2_error_status(), PT2_STATUS_INVALID_ARGUMENT);
  assert_non_null(strstr(pt2_error_message(), "hidden"));
  // An operator of the host says so too.
  int32_t (*cumsum)(pt2_tensor_t*, int64_t, int32_t*, pt2_tensor_t**);
  *(void**)&cumsum = pt2_shim_symbol("cpu", "aoti_torch_cpu_cumsum");
  pt2_tensor_t* result = NULL;
  pt2_error_clear();
  assert_int_not_equal(cumsum(there, 0, NULL, &result), 0);
  assert_non_null(strstr(pt2_error_message(), "on device hidden"));
  assert_null(result);
  // One number of it is fetched.
  int32_t (*reinterpret)(pt2_tensor_t*, int64_t, const int64_t*, const int64_t*,
                         int64_t, pt2_tensor_t**);
  int32_t (*item)(pt2_tensor_t*, int32_t*);
  int32_t (*zero)(pt2_tensor_t*);
  *(void**)&reinterpret =
      pt2_shim_symbol("hidden", "aoti_torch__reinterpret_tensor");
  *(void**)&item = pt2_shim_symbol("hidden", "aoti_torch_item_int32");
  *(void**)&zero = pt2_shim_symbol("hidden", "aoti_torch_zero_");
  int32_t number = -1;
  assert_int_equal(reinterpret(there, 0, NULL, NULL, 7, &result), 0);
  assert_int_equal(item(result, &number), 0);
  assert_int_equal(number, 7);
  assert_int_equal(zero(there), 0);
  assert_int_equal(item(result, &number), 0);
  assert_int_equal(number, 0);
  pt2_tensor_release(result);
  pt2_tensor_release(there);
  assert_int_equal(live_bytes, 0);
}

// On a device that the host can use the operator's result is there too, and the
// next operator's on the host.
static void test_host_operators_stay_on_the_device(void** state) {
  (void)state;
  int32_t (*cumsum)(pt2_tensor_t*, int64_t, int32_t*, pt2_tensor_t**);
  *(void**)&cumsum = pt2_shim_symbol("null", "aoti_torch_null_cumsum");
  pt2_tensor_t *there = range(gaps, 20), *here = range(NULL, 0);
  pt2_tensor_t *result = NULL, *other = NULL;
  assert_int_equal(cumsum(there, 1, NULL, &result), 0);
  assert_int_equal(pt2_tensor_device_type(result), 20);
  assert_int_equal(cumsum(here, 1, NULL, &other), 0);
  assert_int_equal(pt2_tensor_device_type(other), PT2_DEVICE_CPU);
  const int64_t* left = pt2_tensor_peek_data(result);
  const int64_t* right = pt2_tensor_peek_data(other);
  assert_memory_equal(left, right, 12 * sizeof(*left));
  // After one that failed too.
  pt2_tensor_t* none = NULL;
  assert_int_not_equal(cumsum(there, 9, NULL, &none), 0);
  pt2_tensor_release(other);
  assert_int_equal(cumsum(here, 1, NULL, &other), 0);
  assert_int_equal(pt2_tensor_device_type(other), PT2_DEVICE_CPU);
  pt2_tensor_release(there);
  pt2_tensor_release(here);
  pt2_tensor_release(result);
  pt2_tensor_release(other);
}

static void test_failures_lose_nothing(void** state) {
  (void)state;
  pt2_tensor_t* a = range(gaps, 5);
  size_t held = live_bytes;
  pt2_tensor_t* b = NULL;
  int failed = 0;
  // Each call of the back end, then each allocation of the library.
  for (int n = 1;; ++n) {
    fail_at = n;
    pt2_status_t status = pt2_tensor_clone(a, &b);
    bool left = fail_at > 0;
    fail_at = 0;
    if (status == PT2_STATUS_OK) {
      assert_true(left);
      break;
    }
    assert_null(b);
    assert_non_null(strstr(pt2_error_message(), "hidden"));
    assert_int_equal(live_bytes, held);
    ++failed;
  }
  assert_int_equal(failed, 3);  // memory, from the device, to it
  pt2_tensor_release(b);
  b = NULL;
  for (uint64_t n = 1;; ++n) {
    pt2__fault_set(n, false);
    pt2_status_t status = pt2_tensor_clone(a, &b);
    pt2__fault_set(0, false);
    if (status == PT2_STATUS_OK) {
      break;
    }
    assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
    assert_null(b);
    assert_int_equal(live_bytes, held);
  }
  pt2_tensor_release(b);
  pt2_tensor_release(a);
  assert_int_equal(live_bytes, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_what_is_no_back_end_is_refused),
      cmocka_unit_test(test_one_is_registered_once),
      cmocka_unit_test(test_why_a_device_is_not_here),
      cmocka_unit_test(test_plugins),
      cmocka_unit_test(test_imports_are_the_devices),
      cmocka_unit_test(test_hidden_memory_is_copied_by_the_back_end),
      cmocka_unit_test(test_the_host_does_not_see_it),
      cmocka_unit_test(test_host_operators_stay_on_the_device),
      cmocka_unit_test(test_failures_lose_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
