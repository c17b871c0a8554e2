// SPDX-License-Identifier: Apache-2.0
//
// For all tests of mps: the plug-in, functions of models and of the device,
// what is left at the end of a test.
#ifndef PT2_TESTS_MPS_DEVICE_H_
#define PT2_TESTS_MPS_DEVICE_H_

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen/shim_mps.h"
#include "pt2/pt2.h"
#include "softmetal/control.h"

#define OK(expr)                                      \
  do {                                                \
    if ((expr) != 0) {                                \
      fail_msg("%s: %s", #expr, pt2_error_message()); \
    }                                                 \
  } while (0)
// Fails with |status| and a message that says |text|.
#define REFUSED(expr, status, text)                                \
  do {                                                             \
    pt2_error_clear();                                             \
    assert_int_not_equal(expr, 0);                                 \
    assert_int_equal(pt2_error_status(), status);                  \
    if (strstr(pt2_error_message(), text) == NULL) {               \
      fail_msg("\"%s\" is not in: %s", text, pt2_error_message()); \
    }                                                              \
  } while (0)

// The device's function, and the host's of the same type.
#define SHIM(name)                                          \
  ((__typeof__(&aoti_torch_mps_##name))find_function("mps", \
                                                     "aoti_torch_mps_" #name))
#define HOST(name)                                          \
  ((__typeof__(&aoti_torch_mps_##name))find_function("cpu", \
                                                     "aoti_torch_cpu_" #name))

static const softmetal_control_t* control;
static const pt2_backend_t* backend;
static const char* folder;  // of packages; NULL if none was given

static inline void* find_function(const char* device, const char* name) {
  void* address = pt2_shim_symbol(device, name);
  if (address == NULL) {
    fail_msg("no %s", name);
  }
  return address;
}

// ---- Tensors ----------------------------------------------------------------

static inline double bits_to_double(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

static inline double half_to_double(uint16_t h) {
  int exponent = h >> 10 & 31;
  double value = exponent == 31  ? ((h & 1023) != 0 ? NAN : INFINITY)
                 : exponent == 0 ? ldexp(h & 1023, -24)
                                 : ldexp((h & 1023) + 1024, exponent - 25);
  return (h & 0x8000) != 0 ? -value : value;
}

// Where it lies, counted in elements.
static inline double element(const pt2_tensor_t* tensor, int64_t at) {
  const void* data = pt2_tensor_peek_data(tensor);
  switch (pt2_tensor_dtype(tensor)) {
    case PT2_DTYPE_F32:
      return ((const float*)data)[at];
    case PT2_DTYPE_F16:
      return half_to_double(((const uint16_t*)data)[at]);
    case PT2_DTYPE_BF16:
      return bits_to_double((uint32_t)((const uint16_t*)data)[at] << 16);
    case PT2_DTYPE_F64:
      return ((const double*)data)[at];
    case PT2_DTYPE_I64:
      return (double)((const int64_t*)data)[at];
    case PT2_DTYPE_I32:
      return ((const int32_t*)data)[at];
    case PT2_DTYPE_I16:
      return ((const int16_t*)data)[at];
    case PT2_DTYPE_I8:
      return ((const int8_t*)data)[at];
    case PT2_DTYPE_U8:
    case PT2_DTYPE_BOOL:
      return ((const uint8_t*)data)[at];
    default:
      fail_msg("dtype %d in a test", pt2_tensor_dtype(tensor));
      return 0;
  }
}

// A copy of |data| on the device.
static inline pt2_tensor_t* on_device(pt2_dtype_t dtype, size_t rank,
                                      const int64_t* sizes, const void* data) {
  pt2_tensor_t* host = NULL;
  pt2_tensor_t* tensor = NULL;
  OK(pt2_tensor_create(dtype, rank, sizes, NULL, &host));
  size_t bytes = (size_t)pt2_tensor_numel(host) * pt2_dtype_size_bytes(dtype);
  if (bytes > 0) {
    memcpy(pt2_tensor_peek_data(host), data, bytes);
  }
  OK(pt2_tensor_to(host, PT2_DEVICE_MPS, 0, &tensor));
  pt2_tensor_release(host);
  return tensor;
}

static inline AtenTensorHandle view_of(AtenTensorHandle base, int64_t rank,
                                       const int64_t* sizes,
                                       const int64_t* strides, int64_t offset) {
  AOTITorchError (*reinterpret)(AtenTensorHandle, int64_t, const int64_t*,
                                const int64_t*, int64_t, AtenTensorHandle*);
  *(void**)&reinterpret =
      find_function("cpu", "aoti_torch__reinterpret_tensor");
  AtenTensorHandle view = NULL;
  OK(reinterpret(base, rank, sizes, strides, offset, &view));
  return view;
}

// ---- The end of a test ------------------------------------------------------

// What shims failed with is also for the end of a run.
static inline pt2_status_t take_failure(void) {
  return backend->end_run(backend->user, 0);
}

static inline int nothing_is_left(void** state) {
  (void)state;
  control->reset();
  pt2_backend_statistics_t statistics = {.struct_bytes = sizeof(statistics)};
  backend->statistics(backend->user, &statistics);
  long objects = control->close();
  uint64_t blocks = statistics.live_blocks;
  backend->statistics(backend->user, &statistics);
  if (blocks != 0 || objects != 0 || statistics.kept_blocks != 0) {
    print_error("left: %llu blocks, %ld objects, %llu blocks kept\n",
                (unsigned long long)blocks, objects,
                (unsigned long long)statistics.kept_blocks);
    return -1;
  }
  return 0;
}

#define TEST(function) cmocka_unit_test_teardown(function, nothing_is_left)

// Loads the plug-in; false if that fails, or without |least| arguments.
static inline bool begin(int argc, char** argv, int least) {
  if (argc <= least || pt2_backend_load(argv[1], NULL) != PT2_STATUS_OK) {
    fprintf(stderr, "usage: %s PLUGIN%s\n%s\n", argv[0],
            least > 1 ? " FOLDER" : "", pt2_error_message());
    return false;
  }
  folder = argc > 2 ? argv[2] : NULL;
  void* plugin = dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD);
  softmetal_control_fn get = NULL;
  *(void**)&get = plugin != NULL ? dlsym(plugin, "softmetal_control") : NULL;
  if (get == NULL) {
    fprintf(stderr, "%s is no plug-in of tests/softmetal\n", argv[1]);
    return false;
  }
  control = get();
  backend = pt2_backend_find("mps");
  return true;
}

#endif  // PT2_TESTS_MPS_DEVICE_H_
