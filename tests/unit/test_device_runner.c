// SPDX-License-Identifier: Apache-2.0
//
// The life of a runner on a device while each call of its back end, and each
// allocation of the library, fails once: an error that says what, nothing left
// behind, and the next life is right.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "pt2/pt2.h"
#include "support/skip.h"

// ---- A device whose calls fail on demand -----------------------------------

// Memory of the host, two devices, streams; the models are the cpu's.
enum { DEVICES = 2, CALLS = 10, MOST = 8 };

static size_t live_bytes, live_blocks, live_streams;
static int32_t current;
static void* streams[DEVICES];
static int calls;         // since the last life began
static int fail_at;       // the call that fails; 0: none
static const char* last;  // what failed

static bool fails(const char* what) {
  if (++calls != fail_at) {
    return false;
  }
  last = what;
  return true;
}

static pt2_status_t device_count(void* user, int32_t* out_count) {
  (void)user;
  *out_count = DEVICES;
  return fails("device_count") ? PT2_STATUS_INTERNAL : PT2_STATUS_OK;
}

static pt2_status_t get_device(void* user, int32_t* out_index) {
  (void)user;
  *out_index = current;
  return fails("get_device") ? PT2_STATUS_INTERNAL : PT2_STATUS_OK;
}

static pt2_status_t set_device(void* user, int32_t index) {
  (void)user;
  if (fails("set_device")) {
    return PT2_STATUS_INTERNAL;
  }
  current = index;
  return PT2_STATUS_OK;
}

static pt2_status_t create_stream(void* user, int32_t index,
                                  void** out_stream) {
  (void)user, (void)index;
  if (fails("create_stream")) {
    return PT2_STATUS_INTERNAL;
  }
  *out_stream = malloc(1);
  ++live_streams;
  return PT2_STATUS_OK;
}

static void destroy_stream(void* user, int32_t index, void* stream) {
  (void)user, (void)index;
  free(stream);
  --live_streams;
}

static pt2_status_t get_stream(void* user, int32_t index, void** out_stream) {
  (void)user;
  *out_stream = streams[index];
  return fails("get_stream") ? PT2_STATUS_INTERNAL : PT2_STATUS_OK;
}

static pt2_status_t set_stream(void* user, int32_t index, void* stream) {
  (void)user;
  if (fails("set_stream")) {
    return PT2_STATUS_INTERNAL;
  }
  streams[index] = stream;
  return PT2_STATUS_OK;
}

static pt2_status_t synchronize(void* user, int32_t index) {
  (void)user, (void)index;
  return fails("synchronize") ? PT2_STATUS_INTERNAL : PT2_STATUS_OK;
}

static pt2_status_t allocate(void* user, int32_t index, size_t bytes,
                             void** out_data) {
  (void)user, (void)index;
  if (fails("allocate")) {
    return PT2_STATUS_OUT_OF_MEMORY;
  }
  *out_data = aligned_alloc(64, (bytes + 63) / 64 * 64);
  live_bytes += bytes;
  ++live_blocks;
  return PT2_STATUS_OK;
}

static void free_memory(void* user, int32_t index, void* data, size_t bytes) {
  (void)user, (void)index;
  free(data);
  live_bytes -= bytes;
  --live_blocks;
}

static pt2_status_t copy(void* user, int32_t kind, int32_t target_index,
                         void* target, int32_t source_index, const void* source,
                         size_t bytes) {
  (void)user, (void)kind, (void)target_index, (void)source_index;
  if (fails("copy")) {
    return PT2_STATUS_INTERNAL;
  }
  memcpy(target, source, bytes);
  return PT2_STATUS_OK;
}

static pt2_status_t fill(void* user, int32_t index, void* data, uint8_t value,
                         size_t bytes) {
  (void)user, (void)index;
  if (fails("fill")) {
    return PT2_STATUS_INTERNAL;
  }
  memset(data, value, bytes);
  return PT2_STATUS_OK;
}

// Code that was compiled for the cpu asks for the number of "its" device.
static int32_t device_type(void) { return PT2_DEVICE_PRIVATEUSE1; }

static const pt2_backend_symbol_t symbols[] = {
    {"aoti_torch_device_type_cpu", (void*)device_type},
};

static const pt2_backend_t failing = {
    .struct_bytes = sizeof(pt2_backend_t),
    .abi_version = PT2_BACKEND_ABI_VERSION,
    .device = "null",
    .device_type = PT2_DEVICE_PRIVATEUSE1,
    .container_device = "cpu",
    .host_visible = true,
    .symbols = symbols,
    .symbol_count = 1,
    .device_count = device_count,
    .get_device = get_device,
    .set_device = set_device,
    .create_stream = create_stream,
    .destroy_stream = destroy_stream,
    .get_stream = get_stream,
    .set_stream = set_stream,
    .synchronize = synchronize,
    .allocate = allocate,
    .free = free_memory,
    .copy = copy,
    .fill = fill,
};

// ---- One life --------------------------------------------------------------

typedef struct {
  pt2_package_t* package;
  pt2_runner_t* runner;
  pt2_tensor_t* inputs[MOST];
  pt2_tensor_t* outputs[MOST];
  pt2_tensor_t* results[MOST];  // on the host
  size_t output_count;
} life_t;

static pt2_status_t make_input(life_t* life, size_t index) {
  pt2_value_info_t info;
  int64_t sizes[MOST];
  PT2_TRY(pt2_runner_input_info(life->runner, index, &info));
  assert_true(info.rank >= 0 && info.rank <= MOST);
  assert_int_equal(info.dtype, PT2_DTYPE_F32);
  for (int32_t d = 0; d < info.rank; ++d) {
    sizes[d] = info.dims[d].min > 1 ? info.dims[d].min : 2;
    sizes[d] = sizes[d] > info.dims[d].max ? info.dims[d].max : sizes[d];
  }
  pt2_tensor_t* host = NULL;
  PT2_TRY(pt2_tensor_create(info.dtype, (size_t)info.rank, sizes, NULL, &host));
  float* data = pt2_tensor_peek_data(host);
  for (int64_t i = 0; i < pt2_tensor_numel(host); ++i) {
    data[i] = (float)(i % 7) - 3;
  }
  pt2_status_t status = pt2_tensor_to(
      host, pt2_runner_device_type(life->runner),
      pt2_runner_device_index(life->runner), &life->inputs[index]);
  pt2_tensor_release(host);
  return status;
}

// Puts a copy of the first constant in its place.
static pt2_status_t change_a_constant(pt2_runner_t* runner) {
  if (pt2_runner_constant_count(runner) == 0) {
    return PT2_STATUS_OK;
  }
  pt2_constant_info_t info;
  pt2_tensor_t *held = NULL, *here = NULL;
  PT2_TRY(pt2_runner_constant_info(runner, 0, &info));
  PT2_TRY(pt2_runner_extract_constant(runner, info.fqn, false, &held));
  pt2_status_t status = pt2_tensor_to(held, PT2_DEVICE_CPU, 0, &here);
  if (status == PT2_STATUS_OK) {
    const pt2_named_tensor_t named = {.name = info.fqn, .tensor = here};
    status = pt2_runner_update_constants(runner, &named, 1, NULL);
  }
  pt2_tensor_release(held);
  pt2_tensor_release(here);
  return status;
}

static pt2_status_t live(const char* path, life_t* life) {
  calls = 0;
  PT2_TRY(pt2_package_open(path, NULL, &life->package));
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.num_runners = 2;
  PT2_TRY(pt2_runner_create(life->package, &options, &life->runner));
  PT2_TRY(change_a_constant(life->runner));
  size_t input_count = pt2_runner_input_count(life->runner);
  life->output_count = pt2_runner_output_count(life->runner);
  assert_true(input_count <= MOST && life->output_count <= MOST);
  for (size_t i = 0; i < input_count; ++i) {
    PT2_TRY(make_input(life, i));
  }
  PT2_TRY(pt2_runner_run(life->runner, life->inputs, input_count, life->outputs,
                         life->output_count));
  for (size_t i = 0; i < life->output_count; ++i) {
    PT2_TRY(
        pt2_tensor_to(life->outputs[i], PT2_DEVICE_CPU, 0, &life->results[i]));
  }
  return PT2_STATUS_OK;
}

static void end(life_t* life) {
  for (size_t i = 0; i < MOST; ++i) {
    pt2_tensor_release(life->inputs[i]);
    pt2_tensor_release(life->outputs[i]);
    pt2_tensor_release(life->results[i]);
  }
  pt2_runner_release(life->runner);
  pt2_package_release(life->package);
}

static void expect_same_results(const life_t* got, const life_t* wanted) {
  assert_int_equal(got->output_count, wanted->output_count);
  for (size_t i = 0; i < got->output_count; ++i) {
    const float* a = pt2_tensor_peek_data(got->results[i]);
    const float* b = pt2_tensor_peek_data(wanted->results[i]);
    int64_t count = pt2_tensor_numel(wanted->results[i]);
    assert_true(count > 0);
    assert_int_equal(pt2_tensor_numel(got->results[i]), count);
    // Not bit by bit: without memory for its work a product goes another way.
    for (int64_t j = 0; j < count; ++j) {
      bool close = a[j] == b[j] || (isnan(a[j]) && isnan(b[j])) ||
                   fabsf(a[j] - b[j]) <= 1e-5f * (1 + fabsf(b[j]));
      if (!close) {
        fail_msg("output %zu, element %lld: %g expected, got %g", i,
                 (long long)j, b[j], a[j]);
      }
    }
  }
}

static void expect_nothing_left(void) {
  assert_int_equal(live_bytes, 0);
  assert_int_equal(live_blocks, 0);
  assert_int_equal(live_streams, 0);
  assert_int_equal(current, 0);
  assert_null(streams[0]);
}

// A life that went wrong: it says so and gave no result.
static void expect_an_error(const life_t* life, pt2_status_t status) {
  assert_int_equal(pt2_error_status(), status);
  assert_true(pt2_error_message()[0] != '\0');
  if (life->runner == NULL) {
    assert_null(life->outputs[0]);
  }
}

// ---- Tests -----------------------------------------------------------------

static const char* const packages[] = {PT2_TEST_NULL_PACKAGES "/mlp.pt2",
                                       PT2_TEST_NULL_PACKAGES "/math.pt2"};
#define PACKAGE_COUNT (sizeof(packages) / sizeof(packages[0]))

static int set_up(void** state) {
  (void)state;
  return pt2_backend_register(&failing) == PT2_STATUS_OK ? 0 : -1;
}

static void test_each_call_of_the_back_end(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  for (size_t p = 0; p < PACKAGE_COUNT; ++p) {
    life_t good = {0};
    fail_at = 0;
    if (live(packages[p], &good) != PT2_STATUS_OK) {
      fail_msg("%s: %s", packages[p], pt2_error_message());
    }
    int whole = calls;
    int failed = 0;
    size_t held = live_bytes;
    for (int nth = 1; nth <= whole; ++nth) {
      life_t life = {0};
      pt2_error_clear();
      fail_at = nth;
      pt2_status_t status = live(packages[p], &life);
      fail_at = 0;
      if (status != PT2_STATUS_OK) {
        ++failed;
        expect_an_error(&life, status);
        if (strstr(pt2_error_message(), "null") == NULL) {
          fail_msg("%s: call %d (%s): the device is not named: %s", packages[p],
                   nth, last, pt2_error_message());
        }
      } else {
        // Only the way back to the caller's device and stream can fail without
        // a word: the work is done by then.
        assert_true(strcmp(last, "set_device") == 0 ||
                    strcmp(last, "set_stream") == 0);
        expect_same_results(&life, &good);
      }
      end(&life);
      assert_int_equal(live_bytes, held);
      assert_int_equal(live_streams, 0);
      assert_int_equal(current, 0);
    }
    print_message("%s: %d of %d failed calls were errors\n", packages[p],
                  failed, whole);
    assert_true(failed > CALLS);
    end(&good);
    expect_nothing_left();
  }
}

static void test_each_allocation_of_the_library(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  life_t good = {0};
  assert_int_equal(live(packages[0], &good), PT2_STATUS_OK);
  size_t held = live_bytes;
  size_t failed = 0;
  for (uint64_t nth = 1;; ++nth) {
    life_t life = {0};
    pt2_error_clear();
    pt2__fault_set(nth, false);
    pt2_status_t status = live(packages[0], &life);
    uint64_t seen = pt2__fault_set(0, false);
    if (status != PT2_STATUS_OK) {
      ++failed;
      expect_an_error(&life, status);
    } else {
      expect_same_results(&life, &good);
    }
    end(&life);
    assert_int_equal(live_bytes, held);
    if (seen < nth) {
      break;
    }
  }
  assert_true(failed > 50);
  end(&good);
  expect_nothing_left();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_each_call_of_the_back_end),
      cmocka_unit_test(test_each_allocation_of_the_library),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
