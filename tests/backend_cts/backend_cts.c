// SPDX-License-Identifier: Apache-2.0
//
// The suite that defines a back end:
//
//   backend_cts DEVICE PLUGIN [CPU_PACKAGE DEVICE_PACKAGE]…
//
// PLUGIN is the shared library to load, "" for a device of the library's own.
// Each pair of packages is one model, compiled for the cpu and for the device.
// It uses the public API only.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pt2/pt2.h"
#include "support/skip.h"

static const char* device;
static const pt2_backend_t* backend;
static pt2_device_type_t type;
static char** packages;
static int package_count;

#define OK(expr)                                      \
  do {                                                \
    if ((expr) != PT2_STATUS_OK) {                    \
      fail_msg("%s: %s", #expr, pt2_error_message()); \
    }                                                 \
  } while (0)

static const size_t odd_sizes[] = {1, 3, 63, 64, 65, 4095, 4097, 1000003};
#define ODD_COUNT (sizeof(odd_sizes) / sizeof(odd_sizes[0]))

static pt2_backend_statistics_t take_statistics(void) {
  pt2_backend_statistics_t now = {.struct_bytes = sizeof(now)};
  if (backend->statistics != NULL) {
    backend->statistics(backend->user, &now);
  }
  return now;
}

// Every test gives back what it took.
static pt2_backend_statistics_t before;

static int note_statistics(void** state) {
  (void)state;
  before = take_statistics();
  return 0;
}

static int nothing_is_left(void** state) {
  (void)state;
  pt2_backend_statistics_t now = take_statistics();
  if (now.live_bytes != before.live_bytes ||
      now.live_blocks != before.live_blocks ||
      now.live_streams != before.live_streams) {
    print_error("leaked: %llu bytes, %llu blocks, %llu streams\n",
                (unsigned long long)(now.live_bytes - before.live_bytes),
                (unsigned long long)(now.live_blocks - before.live_blocks),
                (unsigned long long)(now.live_streams - before.live_streams));
    return -1;
  }
  return 0;
}

// ---- The functions themselves ----------------------------------------------

static int32_t count_devices(void) {
  int32_t count = 1;
  if (backend->device_count != NULL) {
    OK(backend->device_count(backend->user, &count));
  }
  return count;
}

static void test_it_is_registered(void** state) {
  (void)state;
  OK(pt2_backend_require(device));
  assert_string_equal(backend->device, device);
  assert_int_equal(backend->abi_version, PT2_BACKEND_ABI_VERSION);
  assert_string_equal(pt2_device_type_name(type), device);
  assert_true(count_devices() >= 1);
  assert_int_equal(pt2_backend_register(backend),
                   PT2_STATUS_FAILED_PRECONDITION);
  assert_non_null(strstr(pt2_error_message(), device));
}

static uint8_t pattern(size_t i) { return (uint8_t)(i * 37 + i / 251 + 11); }

static void test_blocks_of_odd_sizes_go_around(void** state) {
  (void)state;
  for (int32_t index = 0; index < count_devices(); ++index) {
    for (size_t s = 0; s < ODD_COUNT; ++s) {
      size_t bytes = odd_sizes[s];
      uint8_t* there = malloc(bytes);
      uint8_t* back = calloc(1, bytes);
      for (size_t i = 0; i < bytes; ++i) {
        there[i] = pattern(i);
      }
      void* a = NULL;
      void* b = NULL;
      OK(backend->allocate(backend->user, index, bytes, &a));
      OK(backend->allocate(backend->user, index, bytes, &b));
      assert_int_equal((uintptr_t)a % 64, 0);
      assert_int_equal((uintptr_t)b % 64, 0);
      OK(backend->copy(backend->user, PT2_COPY_TO_DEVICE, index, a, 0, there,
                       bytes));
      OK(backend->copy(backend->user, PT2_COPY_WITHIN, index, b, index, a,
                       bytes));
      OK(backend->copy(backend->user, PT2_COPY_FROM_DEVICE, 0, back, index, b,
                       bytes));
      assert_memory_equal(there, back, bytes);
      OK(backend->fill(backend->user, index, a, 0x5a, bytes));
      OK(backend->copy(backend->user, PT2_COPY_FROM_DEVICE, 0, back, index, a,
                       bytes));
      for (size_t i = 0; i < bytes; ++i) {
        assert_int_equal(back[i], 0x5a);
      }
      OK(backend->synchronize(backend->user, index));
      backend->free(backend->user, index, a, bytes);
      backend->free(backend->user, index, b, bytes);
      free(there);
      free(back);
    }
  }
}

static void test_blocks_go_from_device_to_device(void** state) {
  (void)state;
  int32_t last = count_devices() - 1;
  uint8_t there[777], back[777] = {0};
  for (size_t i = 0; i < sizeof(there); ++i) {
    there[i] = pattern(i);
  }
  void* a = NULL;
  void* b = NULL;
  OK(backend->allocate(backend->user, 0, sizeof(there), &a));
  OK(backend->allocate(backend->user, last, sizeof(there), &b));
  OK(backend->copy(backend->user, PT2_COPY_TO_DEVICE, 0, a, 0, there,
                   sizeof(there)));
  OK(backend->copy(backend->user, PT2_COPY_WITHIN, last, b, 0, a,
                   sizeof(there)));
  OK(backend->copy(backend->user, PT2_COPY_FROM_DEVICE, 0, back, last, b,
                   sizeof(there)));
  assert_memory_equal(there, back, sizeof(there));
  backend->free(backend->user, 0, a, sizeof(there));
  backend->free(backend->user, last, b, sizeof(there));
}

static void test_too_much_memory_is_refused(void** state) {
  (void)state;
  void* data = &data;
  assert_int_equal(backend->allocate(backend->user, 0, (size_t)1 << 60, &data),
                   PT2_STATUS_OUT_OF_MEMORY);
  assert_ptr_equal(data, &data);
  int64_t size = (int64_t)1 << 58;
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(
      pt2_tensor_create_on(type, 0, PT2_DTYPE_F32, 1, &size, NULL, &tensor),
      PT2_STATUS_OUT_OF_MEMORY);
  assert_null(tensor);
  assert_non_null(strstr(pt2_error_message(), "bytes wanted"));
}

static void test_devices_are_entered_and_left(void** state) {
  (void)state;
  if (backend->set_device == NULL) {
    SKIP("the back end has no devices to enter");
  }
  int32_t first;
  OK(backend->get_device(backend->user, &first));
  for (int32_t i = 0; i < count_devices(); ++i) {
    int32_t now = -1;
    OK(backend->set_device(backend->user, i));
    OK(backend->get_device(backend->user, &now));
    assert_int_equal(now, i);
    // -1 is the current one.
    pt2_tensor_t* tensor = NULL;
    OK(pt2_tensor_create_on(type, -1, PT2_DTYPE_I8, 0, NULL, NULL, &tensor));
    assert_int_equal(pt2_tensor_device_index(tensor), i);
    pt2_tensor_release(tensor);
  }
  assert_int_not_equal(backend->set_device(backend->user, count_devices()),
                       PT2_STATUS_OK);
  int32_t now = -1;
  OK(backend->get_device(backend->user, &now));
  assert_int_equal(now, count_devices() - 1);
  OK(backend->set_device(backend->user, first));
}

static void test_streams_are_made_and_current(void** state) {
  (void)state;
  if (backend->create_stream == NULL) {
    SKIP("the back end has no streams");
  }
  for (int32_t i = 0; i < count_devices(); ++i) {
    void *first = NULL, *a = NULL, *b = NULL, *now = NULL;
    OK(backend->get_stream(backend->user, i, &first));
    OK(backend->create_stream(backend->user, i, &a));
    OK(backend->create_stream(backend->user, i, &b));
    assert_non_null(a);
    assert_ptr_not_equal(a, b);
    OK(backend->set_stream(backend->user, i, a));
    OK(backend->get_stream(backend->user, i, &now));
    assert_ptr_equal(now, a);
    OK(backend->set_stream(backend->user, i, first));
    backend->destroy_stream(backend->user, i, a);
    backend->destroy_stream(backend->user, i, b);
  }
}

// ---- Tensors ---------------------------------------------------------------

static pt2_tensor_t* host_range(size_t rank, const int64_t* sizes) {
  pt2_tensor_t* tensor = NULL;
  OK(pt2_tensor_create(PT2_DTYPE_F32, rank, sizes, NULL, &tensor));
  float* data = pt2_tensor_peek_data(tensor);
  for (int64_t i = 0; i < pt2_tensor_numel(tensor); ++i) {
    data[i] = (float)i - 7.25f;
  }
  return tensor;
}

static void assert_elements_equal(const pt2_tensor_t* a,
                                  const pt2_tensor_t* b) {
  pt2_tensor_t *left = NULL, *right = NULL;
  OK(pt2_tensor_create(pt2_tensor_dtype(a), pt2_tensor_rank(a),
                       pt2_tensor_peek_sizes(a), NULL, &left));
  OK(pt2_tensor_create(pt2_tensor_dtype(a), pt2_tensor_rank(a),
                       pt2_tensor_peek_sizes(a), NULL, &right));
  OK(pt2_tensor_copy(left, a));
  OK(pt2_tensor_copy(right, b));
  if (pt2_tensor_numel(a) > 0) {
    assert_memory_equal(pt2_tensor_peek_data(left), pt2_tensor_peek_data(right),
                        (size_t)pt2_tensor_numel(a) *
                            pt2_dtype_size_bytes(pt2_tensor_dtype(a)));
  }
  pt2_tensor_release(left);
  pt2_tensor_release(right);
}

static void test_tensors_live_on_the_device(void** state) {
  (void)state;
  const int64_t sizes[] = {3, 5, 7};
  pt2_tensor_t* host = host_range(3, sizes);
  for (int32_t index = 0; index < count_devices(); ++index) {
    pt2_tensor_t *there = NULL, *copy = NULL, *back = NULL;
    OK(pt2_tensor_to(host, type, index, &there));
    assert_int_equal(pt2_tensor_device_type(there), type);
    assert_int_equal(pt2_tensor_device_index(there), index);
    OK(pt2_tensor_clone(there, &copy));
    assert_int_equal(pt2_tensor_device_type(copy), type);
    OK(pt2_tensor_to(copy, PT2_DEVICE_CPU, 0, &back));
    assert_int_equal(pt2_tensor_device_type(back), PT2_DEVICE_CPU);
    assert_memory_equal(pt2_tensor_peek_data(host), pt2_tensor_peek_data(back),
                        3 * 5 * 7 * sizeof(float));
    pt2_tensor_release(there);
    pt2_tensor_release(copy);
    pt2_tensor_release(back);
  }
  pt2_tensor_release(host);
}

static void test_the_host_peeks_only_where_it_may(void** state) {
  (void)state;
  const int64_t sizes[] = {4};
  pt2_tensor_t* host = host_range(1, sizes);
  pt2_tensor_t* there = NULL;
  OK(pt2_tensor_to(host, type, 0, &there));
  const float* data = pt2_tensor_peek_data(there);
  if (backend->host_visible) {
    assert_non_null(data);
    assert_memory_equal(data, pt2_tensor_peek_data(host), sizeof(float) * 4);
  } else {
    assert_null(data);
    assert_non_null(strstr(pt2_error_message(), device));
  }
  pt2_tensor_release(there);
  pt2_tensor_release(host);
}

static void test_no_elements(void** state) {
  (void)state;
  const int64_t sizes[] = {4, 0, 3};
  pt2_tensor_t *there = NULL, *copy = NULL, *back = NULL;
  OK(pt2_tensor_create_on(type, 0, PT2_DTYPE_F64, 3, sizes, NULL, &there));
  assert_int_equal(pt2_tensor_numel(there), 0);
  OK(pt2_tensor_clone(there, &copy));
  OK(pt2_tensor_copy(copy, there));
  OK(pt2_tensor_to(there, PT2_DEVICE_CPU, 0, &back));
  assert_null(pt2_tensor_peek_data(there));
  pt2_tensor_release(there);
  pt2_tensor_release(copy);
  pt2_tensor_release(back);
}

// A layout to copy between: strides in elements for sizes [3, 5, 7].
static const int64_t layouts[][3] = {{35, 7, 1},   // row-major
                                     {1, 3, 15},   // column-major
                                     {80, 11, 1},  // gaps
                                     {2, 6, 30},   // every second element
                                     {7, 21, 1}};  // the first two exchanged
#define LAYOUT_COUNT (sizeof(layouts) / sizeof(layouts[0]))

static pt2_tensor_t* laid_out(bool on_device, pt2_dtype_t dtype,
                              const int64_t* strides) {
  const int64_t sizes[] = {3, 5, 7};
  pt2_tensor_t* tensor = NULL;
  OK(pt2_tensor_create_on(on_device ? type : PT2_DEVICE_CPU, 0, dtype, 3, sizes,
                          strides, &tensor));
  return tensor;
}

static void copy_and_compare(const pt2_tensor_t* range, int directions,
                             const int64_t* from, const int64_t* to,
                             pt2_dtype_t dtype) {
  pt2_tensor_t* source = laid_out(directions & 1, PT2_DTYPE_F32, from);
  pt2_tensor_t* target = laid_out(directions & 2, dtype, to);
  pt2_tensor_t* expected = laid_out(false, dtype, NULL);
  OK(pt2_tensor_copy(source, range));
  OK(pt2_tensor_copy(target, source));
  OK(pt2_tensor_copy(expected, range));
  assert_elements_equal(expected, target);
  pt2_tensor_release(source);
  pt2_tensor_release(target);
  pt2_tensor_release(expected);
}

static void test_copies_between_layouts_and_dtypes(void** state) {
  (void)state;
  const int64_t sizes[] = {3, 5, 7};
  pt2_tensor_t* range = host_range(3, sizes);
  for (int directions = 1; directions < 4; ++directions) {
    for (size_t from = 0; from < LAYOUT_COUNT; ++from) {
      for (size_t to = 0; to < LAYOUT_COUNT; ++to) {
        copy_and_compare(range, directions, layouts[from], layouts[to],
                         PT2_DTYPE_F32);
        copy_and_compare(range, directions, layouts[from], layouts[to],
                         PT2_DTYPE_I64);
      }
    }
  }
  pt2_tensor_release(range);
}

// What lies between the elements of a target stays.
static void test_copies_keep_the_gaps(void** state) {
  (void)state;
  const int64_t size = 5, step = 3, whole = 13;
  pt2_tensor_t *there = NULL, *sparse = NULL, *back = NULL;
  pt2_tensor_t* host = host_range(1, &whole);
  OK(pt2_tensor_to(host, type, 0, &there));
  // A view by the model's own way of making one.
  int32_t (*reinterpret)(pt2_tensor_t*, int64_t, const int64_t*, const int64_t*,
                         int64_t, pt2_tensor_t**);
  *(void**)&reinterpret =
      pt2_shim_symbol(device, "aoti_torch__reinterpret_tensor");
  assert_non_null(reinterpret);
  assert_int_equal(reinterpret(there, 1, &size, &step, 0, &sparse), 0);
  pt2_tensor_t* values = host_range(1, &size);
  OK(pt2_tensor_copy(sparse, values));
  OK(pt2_tensor_to(there, PT2_DEVICE_CPU, 0, &back));
  const float* got = pt2_tensor_peek_data(back);
  for (int i = 0; i < whole; ++i) {
    float wanted = i % 3 == 0 ? (float)(i / 3) - 7.25f : (float)i - 7.25f;
    assert_true(got[i] == wanted);
  }
  pt2_tensor_release(there);
  pt2_tensor_release(sparse);
  pt2_tensor_release(back);
  pt2_tensor_release(host);
  pt2_tensor_release(values);
}

static void test_copies_broadcast(void** state) {
  (void)state;
  const int64_t one = 1, sizes[] = {2, 3};
  pt2_tensor_t* host = host_range(1, &one);
  pt2_tensor_t *there = NULL, *back = NULL;
  OK(pt2_tensor_create_on(type, 0, PT2_DTYPE_F32, 2, sizes, NULL, &there));
  OK(pt2_tensor_copy(there, host));
  OK(pt2_tensor_to(there, PT2_DEVICE_CPU, 0, &back));
  for (int i = 0; i < 6; ++i) {
    assert_true(((float*)pt2_tensor_peek_data(back))[i] == -7.25f);
  }
  pt2_tensor_release(host);
  pt2_tensor_release(there);
  pt2_tensor_release(back);
}

static void test_what_is_wrong_is_named(void** state) {
  (void)state;
  const int64_t sizes[] = {2, 3}, other[] = {4};
  pt2_tensor_t *there = NULL, *wrong = NULL;
  assert_int_equal(
      pt2_tensor_create_on(type == PT2_DEVICE_CPU ? PT2_DEVICE_META : type, 99,
                           PT2_DTYPE_F32, 2, sizes, NULL, &there),
      type == PT2_DEVICE_CPU ? PT2_STATUS_INCOMPATIBLE
                             : PT2_STATUS_INVALID_ARGUMENT);
  assert_non_null(strstr(pt2_error_message(), ":99"));
  assert_int_equal(pt2_tensor_create_on(type, 0, 77, 2, sizes, NULL, &there),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_non_null(strstr(pt2_error_message(), "77"));
  OK(pt2_tensor_create_on(type, 0, PT2_DTYPE_F32, 2, sizes, NULL, &there));
  OK(pt2_tensor_create_on(type, 0, PT2_DTYPE_F32, 1, other, NULL, &wrong));
  assert_int_equal(pt2_tensor_copy(there, wrong), PT2_STATUS_INVALID_ARGUMENT);
  pt2_tensor_release(there);
  pt2_tensor_release(wrong);
}

// ---- Models ----------------------------------------------------------------

static pt2_runner_t* load(const char* path) {
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  OK(pt2_package_open(path, NULL, &package));
  OK(pt2_runner_create(package, NULL, &runner));
  pt2_package_release(package);
  return runner;
}

// A model that was compiled for the cpu, or before torch 2.15, refuses it.
static void test_stream_affinity_is_set_or_refused(void** state) {
  (void)state;
  for (int i = 1; i < package_count; i += 2) {
    pt2_package_t* package = NULL;
    pt2_runner_t* runner = NULL;
    pt2_runner_options_t options;
    pt2_runner_options_init(&options);
    options.use_stream_affinity = true;
    OK(pt2_package_open(packages[i], NULL, &package));
    pt2_status_t status = pt2_runner_create(package, &options, &runner);
    if (status != PT2_STATUS_OK) {
      assert_true(status == PT2_STATUS_UNSUPPORTED ||
                  status == PT2_STATUS_MODEL_ERROR);
      assert_non_null(strstr(pt2_error_message(), "tream affinity"));
    }
    pt2_runner_release(runner);
    pt2_package_release(package);
  }
}

// Input |index| on the host: small numbers in the model's own dtype and
// smallest shape.
static pt2_tensor_t* make_input(const pt2_runner_t* runner, size_t index) {
  pt2_value_info_t info;
  OK(pt2_runner_input_info(runner, index, &info));
  int64_t sizes[8], strides[8];
  int64_t numel = 1;
  bool fixed = true;
  assert_in_range(info.rank, 0, 8);
  for (int32_t d = 0; d < info.rank; ++d) {
    sizes[d] = info.dims[d].min;
    strides[d] = info.dims[d].stride;
    fixed = fixed && strides[d] != PT2_STRIDE_ANY;
    numel *= sizes[d];
  }
  pt2_tensor_t *numbers = NULL, *input = NULL;
  OK(pt2_tensor_create(PT2_DTYPE_F32, (size_t)info.rank, sizes, NULL,
                       &numbers));
  for (int64_t i = 0; i < numel; ++i) {
    ((float*)pt2_tensor_peek_data(numbers))[i] = (float)((i * 7 + 3) % 11) / 4;
  }
  OK(pt2_tensor_create(info.dtype, (size_t)info.rank, sizes,
                       fixed ? strides : NULL, &input));
  OK(pt2_tensor_copy(input, numbers));
  pt2_tensor_release(numbers);
  return input;
}

enum { MOST = 16 };

// Runs the model with inputs on its device; results are there too.
static size_t run(pt2_runner_t* runner, pt2_tensor_t* const* inputs,
                  void* stream, pt2_tensor_t** outputs) {
  size_t input_count = pt2_runner_input_count(runner);
  size_t output_count = pt2_runner_output_count(runner);
  assert_true(input_count <= MOST && output_count <= MOST);
  pt2_tensor_t* moved[MOST];
  for (size_t i = 0; i < input_count; ++i) {
    OK(pt2_tensor_to(inputs[i], pt2_runner_device_type(runner),
                     pt2_runner_device_index(runner), &moved[i]));
  }
  pt2_run_options_t options;
  pt2_run_options_init(&options);
  options.stream = stream;
  memset(outputs, 0, MOST * sizeof(*outputs));
  OK(pt2_runner_run_with(runner, moved, input_count, outputs, output_count,
                         &options));
  for (size_t i = 0; i < input_count; ++i) {
    pt2_tensor_release(moved[i]);
  }
  for (size_t i = 0; i < output_count; ++i) {
    if (outputs[i] != NULL) {
      assert_int_equal(pt2_tensor_device_type(outputs[i]),
                       pt2_runner_device_type(runner));
    }
  }
  return output_count;
}

// Equal but for the last bits of floating-point numbers: another device may add
// in another order.
static void assert_outputs_close(const pt2_tensor_t* expected,
                                 const pt2_tensor_t* got) {
  assert_int_equal(pt2_tensor_dtype(expected), pt2_tensor_dtype(got));
  assert_int_equal(pt2_tensor_rank(expected), pt2_tensor_rank(got));
  pt2_tensor_t *left = NULL, *right = NULL;
  size_t rank = pt2_tensor_rank(got);
  const int64_t* sizes = pt2_tensor_peek_sizes(expected);
  assert_memory_equal(sizes, pt2_tensor_peek_sizes(got), rank * sizeof(*sizes));
  OK(pt2_tensor_create(PT2_DTYPE_F64, rank, sizes, NULL, &left));
  OK(pt2_tensor_create(PT2_DTYPE_F64, rank, sizes, NULL, &right));
  OK(pt2_tensor_copy(left, expected));
  OK(pt2_tensor_copy(right, got));
  const double* a = pt2_tensor_peek_data(left);
  const double* b = pt2_tensor_peek_data(right);
  for (int64_t i = 0; i < pt2_tensor_numel(left); ++i) {
    bool close = fabs(a[i] - b[i]) <= 1e-5 + 1.3e-6 * fabs(a[i]) ||
                 (isnan(a[i]) && isnan(b[i])) || a[i] == b[i];
    if (!close) {
      fail_msg("element %lld: %g expected, got %g", (long long)i, a[i], b[i]);
    }
  }
  pt2_tensor_release(left);
  pt2_tensor_release(right);
}

static void compare_model(const char* cpu_path, const char* device_path,
                          void* stream) {
  pt2_runner_t* on_cpu = load(cpu_path);
  pt2_runner_t* on_device = load(device_path);
  assert_int_equal(pt2_runner_device_type(on_device), type);
  pt2_tensor_t *inputs[MOST], *expected[MOST], *got[MOST];
  size_t input_count = pt2_runner_input_count(on_cpu);
  assert_true(input_count <= MOST);
  for (size_t i = 0; i < input_count; ++i) {
    inputs[i] = make_input(on_cpu, i);
  }
  for (int turn = 0; turn < 2; ++turn) {
    size_t count = run(on_cpu, inputs, NULL, expected);
    assert_int_equal(run(on_device, inputs, stream, got), count);
    for (size_t i = 0; i < count; ++i) {
      assert_int_equal(expected[i] == NULL, got[i] == NULL);
      if (got[i] != NULL) {
        assert_outputs_close(expected[i], got[i]);
      }
      pt2_tensor_release(expected[i]);
      pt2_tensor_release(got[i]);
    }
  }
  for (size_t i = 0; i < input_count; ++i) {
    pt2_tensor_release(inputs[i]);
  }
  pt2_runner_release(on_cpu);
  pt2_runner_release(on_device);
}

static void test_models_give_the_cpus_results(void** state) {
  (void)state;
  assert_true(package_count > 0);
  for (int i = 0; i < package_count; i += 2) {
    compare_model(packages[i], packages[i + 1], NULL);
  }
}

static void test_models_run_in_a_stream(void** state) {
  (void)state;
  if (backend->create_stream == NULL || package_count == 0) {
    SKIP("the back end has no streams, or no package was given");
  }
  void *stream = NULL, *first = NULL, *after = NULL;
  OK(backend->get_stream(backend->user, 0, &first));
  OK(backend->create_stream(backend->user, 0, &stream));
  compare_model(packages[0], packages[1], stream);
  OK(backend->get_stream(backend->user, 0, &after));
  assert_ptr_equal(first, after);
  backend->destroy_stream(backend->user, 0, stream);
}

// ---- Several threads -------------------------------------------------------

enum { THREADS = 4, TURNS = 25 };

// One caller of a runner that all share. Nothing of cmocka may be called here.
typedef struct {
  pt2_runner_t* runner;
  pt2_tensor_t* const* inputs;    // on the host
  pt2_tensor_t* const* expected;  // on the host
  char problem[512];
} caller_t;

static bool noted(caller_t* caller, pt2_status_t status, const char* what) {
  if (status == PT2_STATUS_OK) {
    return false;
  }
  snprintf(caller->problem, sizeof(caller->problem), "%s: %s", what,
           pt2_error_message());
  return true;
}

// The same model with the same inputs gives the same bytes, whoever asks.
static void check_result(caller_t* caller, size_t index,
                         const pt2_tensor_t* got) {
  const pt2_tensor_t* wanted = caller->expected[index];
  pt2_tensor_t* here = NULL;
  if (noted(caller, pt2_tensor_to(got, PT2_DEVICE_CPU, 0, &here),
            "copy of a result")) {
    return;
  }
  size_t bytes = (size_t)pt2_tensor_numel(wanted) *
                 pt2_dtype_size_bytes(pt2_tensor_dtype(wanted));
  if (pt2_tensor_numel(here) != pt2_tensor_numel(wanted) ||
      (bytes > 0 && memcmp(pt2_tensor_peek_data(here),
                           pt2_tensor_peek_data(wanted), bytes) != 0)) {
    snprintf(caller->problem, sizeof(caller->problem),
             "output %zu differs from that of a run alone", index);
  }
  pt2_tensor_release(here);
}

static void call_once(caller_t* caller) {
  size_t input_count = pt2_runner_input_count(caller->runner);
  size_t output_count = pt2_runner_output_count(caller->runner);
  pt2_tensor_t *moved[MOST] = {NULL}, *outputs[MOST] = {NULL};
  bool bad = false;
  for (size_t i = 0; i < input_count && !bad; ++i) {
    bad = noted(
        caller,
        pt2_tensor_to(caller->inputs[i], pt2_runner_device_type(caller->runner),
                      pt2_runner_device_index(caller->runner), &moved[i]),
        "copy of an input");
  }
  if (!bad && !noted(caller,
                     pt2_runner_run(caller->runner, moved, input_count, outputs,
                                    output_count),
                     "run")) {
    for (size_t i = 0; i < output_count; ++i) {
      if (outputs[i] != NULL) {
        check_result(caller, i, outputs[i]);
      }
    }
  }
  for (size_t i = 0; i < MOST; ++i) {
    pt2_tensor_release(moved[i]);
    pt2_tensor_release(outputs[i]);
  }
}

static void* call_often(void* data) {
  caller_t* caller = data;
  for (int turn = 0; turn < TURNS && caller->problem[0] == '\0'; ++turn) {
    call_once(caller);
  }
  return NULL;
}

static void call_from_threads(pt2_runner_t* runner, pt2_tensor_t* const* inputs,
                              pt2_tensor_t* const* expected) {
  caller_t callers[THREADS];
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; ++i) {
    callers[i] = (caller_t){runner, inputs, expected, ""};
    assert_int_equal(pthread_create(&threads[i], NULL, call_often, &callers[i]),
                     0);
  }
  for (int i = 0; i < THREADS; ++i) {
    pthread_join(threads[i], NULL);
  }
  for (int i = 0; i < THREADS; ++i) {
    if (callers[i].problem[0] != '\0') {
      fail_msg("thread %d: %s", i, callers[i].problem);
    }
  }
}

// More callers than instances, so that they wait for one another too.
static void test_a_runner_is_called_by_several_threads(void** state) {
  (void)state;
  for (int p = 1; p < package_count; p += 2) {
    pt2_package_t* package = NULL;
    pt2_runner_t* runner = NULL;
    pt2_runner_options_t options;
    pt2_runner_options_init(&options);
    options.num_runners = 2;
    OK(pt2_package_open(packages[p], NULL, &package));
    OK(pt2_runner_create(package, &options, &runner));
    pt2_package_release(package);
    pt2_tensor_t *inputs[MOST], *there[MOST], *expected[MOST] = {NULL};
    size_t input_count = pt2_runner_input_count(runner);
    for (size_t i = 0; i < input_count; ++i) {
      inputs[i] = make_input(runner, i);
    }
    size_t output_count = run(runner, inputs, NULL, there);
    for (size_t i = 0; i < output_count; ++i) {
      if (there[i] != NULL) {
        OK(pt2_tensor_to(there[i], PT2_DEVICE_CPU, 0, &expected[i]));
        pt2_tensor_release(there[i]);
      }
    }
    call_from_threads(runner, inputs, expected);
    for (size_t i = 0; i < input_count; ++i) {
      pt2_tensor_release(inputs[i]);
    }
    for (size_t i = 0; i < output_count; ++i) {
      pt2_tensor_release(expected[i]);
    }
    pt2_runner_release(runner);
  }
}

static void test_inputs_of_another_device_are_refused(void** state) {
  (void)state;
  if (type == PT2_DEVICE_CPU || package_count == 0) {
    SKIP("all tensors are the cpu's, or no package was given");
  }
  pt2_runner_t* runner = load(packages[1]);
  pt2_tensor_t *inputs[MOST], *outputs[MOST] = {0};
  size_t count = pt2_runner_input_count(runner);
  for (size_t i = 0; i < count; ++i) {
    inputs[i] = make_input(runner, i);
  }
  assert_int_equal(pt2_runner_run(runner, inputs, count, outputs,
                                  pt2_runner_output_count(runner)),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_non_null(strstr(pt2_error_message(), "expected device"));
  assert_non_null(strstr(pt2_error_message(), device));
  for (size_t i = 0; i < count; ++i) {
    pt2_tensor_release(inputs[i]);
  }
  pt2_runner_release(runner);
}

static void test_constants_are_changed(void** state) {
  (void)state;
  for (int i = 0; i < package_count; i += 2) {
    pt2_runner_t* runner = load(packages[i + 1]);
    if (pt2_runner_constant_count(runner) == 0) {
      pt2_runner_release(runner);
      continue;
    }
    pt2_constant_info_t info;
    OK(pt2_runner_constant_info(runner, 0, &info));
    pt2_tensor_t *held = NULL, *fresh = NULL, *now = NULL;
    OK(pt2_runner_extract_constant(runner, info.fqn, false, &held));
    assert_int_equal(pt2_tensor_device_type(held), type);
    OK(pt2_tensor_create(info.dtype, pt2_tensor_rank(held),
                         pt2_tensor_peek_sizes(held), NULL, &fresh));
    memset(pt2_tensor_peek_data(fresh), 0x11,
           (size_t)pt2_tensor_numel(fresh) * pt2_dtype_size_bytes(info.dtype));
    const pt2_named_tensor_t named = {.name = info.fqn, .tensor = fresh};
    OK(pt2_runner_update_constants(runner, &named, 1, NULL));
    OK(pt2_runner_extract_constant(runner, info.fqn, false, &now));
    assert_int_equal(pt2_tensor_device_type(now), type);
    assert_elements_equal(fresh, now);
    pt2_tensor_release(held);
    pt2_tensor_release(fresh);
    pt2_tensor_release(now);
    pt2_runner_release(runner);
  }
}

#define TEST(function) \
  cmocka_unit_test_setup_teardown(function, note_statistics, nothing_is_left)

int main(int argc, char** argv) {
  if (argc < 3 || argc % 2 == 0) {
    fprintf(stderr,
            "usage: backend_cts DEVICE PLUGIN [CPU_PACKAGE DEVICE_PACKAGE]…\n");
    return 2;
  }
  device = argv[1];
  if (argv[2][0] != '\0' && pt2_backend_load(argv[2], NULL) != PT2_STATUS_OK) {
    fprintf(stderr, "%s\n", pt2_error_message());
    return 2;
  }
  backend = pt2_backend_find(device);
  if (backend == NULL) {
    fprintf(stderr, "no back end for %s\n", device);
    return 2;
  }
  type = backend->device_type;
  packages = argv + 3;
  package_count = argc - 3;
  const struct CMUnitTest tests[] = {
      TEST(test_it_is_registered),
      TEST(test_blocks_of_odd_sizes_go_around),
      TEST(test_blocks_go_from_device_to_device),
      TEST(test_too_much_memory_is_refused),
      TEST(test_devices_are_entered_and_left),
      TEST(test_streams_are_made_and_current),
      TEST(test_tensors_live_on_the_device),
      TEST(test_the_host_peeks_only_where_it_may),
      TEST(test_no_elements),
      TEST(test_copies_between_layouts_and_dtypes),
      TEST(test_copies_keep_the_gaps),
      TEST(test_copies_broadcast),
      TEST(test_what_is_wrong_is_named),
      TEST(test_models_give_the_cpus_results),
      TEST(test_models_run_in_a_stream),
      TEST(test_stream_affinity_is_set_or_refused),
      TEST(test_a_runner_is_called_by_several_threads),
      TEST(test_inputs_of_another_device_are_refused),
      TEST(test_constants_are_changed),
  };
  return cmocka_run_group_tests_name(device, tests, NULL, NULL);
}
