// SPDX-License-Identifier: Apache-2.0
//
// _weight_int4pack_mm, with weights packed as PyTorch's mps packs them:
//
//   test_mps_int4 PLUGIN FOLDER
//
// as test_mps_packages.
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

#define ROWS 3
#define N 16
#define K 96

static const softmetal_control_t* control;
static __typeof__(&aoti_torch_mps__weight_int4pack_mm) int4pack_mm;

#define OK(expr)                                      \
  do {                                                \
    if ((expr) != 0) {                                \
      fail_msg("%s: %s", #expr, pt2_error_message()); \
    }                                                 \
  } while (0)

static pt2_tensor_t* on_device(pt2_dtype_t dtype, size_t rank,
                               const int64_t* sizes, const void* data) {
  pt2_tensor_t* host = NULL;
  pt2_tensor_t* tensor = NULL;
  OK(pt2_tensor_create(dtype, rank, sizes, NULL, &host));
  memcpy(pt2_tensor_peek_data(host), data,
         (size_t)pt2_tensor_numel(host) * pt2_dtype_size_bytes(dtype));
  OK(pt2_tensor_to(host, PT2_DEVICE_MPS, 0, &tensor));
  pt2_tensor_release(host);
  return tensor;
}

typedef struct {
  float a[ROWS * K];
  int q[N * K];
  float scales[K / 32 * N * 2];
  pt2_tensor_t* self;
  pt2_tensor_t* mat2;
  pt2_tensor_t* scales_and_zeros;
} fixture_t;

static void set_up(fixture_t* f, int64_t group_size) {
  // One int32 of PyTorch's [N, K / 2] bytes has 8 elements: the first is in the
  // lower half of the first byte.
  int32_t packed[N * K / 8] = {0};
  for (int i = 0; i < N * K; ++i) {
    f->q[i] = (i * 7 + i / 5) % 16;
    packed[i / 8] =
        (int32_t)((uint32_t)packed[i / 8] | (uint32_t)f->q[i] << (i % 8 * 4));
  }
  for (int i = 0; i < ROWS * K; ++i) {
    f->a[i] = (float)(i * 37 % 101) / 50 - 1;
  }
  int64_t groups = (K + group_size - 1) / group_size;
  for (int i = 0; i < groups * N * 2; ++i) {
    f->scales[i] = (float)(i % 11 + 1) / 64 * (i % 2 == 0 ? 1 : -1);
  }
  f->self = on_device(PT2_DTYPE_F32, 2, (int64_t[]){ROWS, K}, f->a);
  // The sizes are those of a packing for CUDA; the bytes are as above.
  f->mat2 =
      on_device(PT2_DTYPE_I32, 4, (int64_t[]){N / 8, K / 32, 32, 1}, packed);
  f->scales_and_zeros =
      on_device(PT2_DTYPE_F32, 3, (int64_t[]){groups, N, 2}, f->scales);
}

static void tear_down(fixture_t* f) {
  pt2_tensor_release(f->self);
  pt2_tensor_release(f->mat2);
  pt2_tensor_release(f->scales_and_zeros);
}

static void test_values(void** state) {
  (void)state;
  for (int64_t group_size = 32; group_size <= 256; group_size *= 2) {
    fixture_t f;
    set_up(&f, group_size);
    AtenTensorHandle result = NULL;
    OK(int4pack_mm(f.self, f.mat2, group_size, f.scales_and_zeros, &result));
    assert_int_equal(pt2_tensor_rank(result), 2);
    assert_int_equal(pt2_tensor_peek_sizes(result)[0], ROWS);
    assert_int_equal(pt2_tensor_peek_sizes(result)[1], N);
    const float* got = pt2_tensor_peek_data(result);
    for (int m = 0; m < ROWS; ++m) {
      for (int n = 0; n < N; ++n) {
        double sum = 0;
        for (int k = 0; k < K; ++k) {
          const float* s = f.scales + (k / group_size * N + n) * 2;
          sum += (double)f.a[m * K + k] * ((f.q[n * K + k] - 8) * s[0] + s[1]);
        }
        assert_true(fabs(got[m * N + n] - sum) < 1e-4);
      }
    }
    pt2_tensor_release(result);
    tear_down(&f);
  }
}

static void refused(AtenTensorHandle self, AtenTensorHandle mat2,
                    int64_t group_size, AtenTensorHandle scales,
                    const char* words) {
  AtenTensorHandle result = NULL;
  pt2_error_clear();
  assert_int_not_equal(int4pack_mm(self, mat2, group_size, scales, &result), 0);
  assert_int_equal(pt2_error_status(), PT2_STATUS_INVALID_ARGUMENT);
  if (strstr(pt2_error_message(), words) == NULL) {
    fail_msg("\"%s\" is not in: %s", words, pt2_error_message());
  }
  assert_null(result);
}

static void test_wrong_calls_are_named(void** state) {
  (void)state;
  fixture_t f;
  set_up(&f, 32);
  AtenTensorHandle s = f.scales_and_zeros;
  refused(f.self, f.mat2, 48, s, "32, 64, 128 or 256");
  refused(f.mat2, f.mat2, 32, s, "matrix of floating point");
  refused(f.self, f.self, 32, s, "int32 tensor of 4 dimensions");
  refused(f.self, f.mat2, 32, f.self, "qScaleAndZeros");
  refused(NULL, f.mat2, 32, s, "all three tensors");
  pt2_tensor_t* narrow = on_device(PT2_DTYPE_F32, 2, (int64_t[]){1, 64}, f.a);
  refused(narrow, f.mat2, 32, s, "4 bits for each of self's columns");
  pt2_tensor_release(narrow);
  pt2_tensor_t* few =
      on_device(PT2_DTYPE_F32, 3, (int64_t[]){2, N, 2}, f.scales);
  refused(f.self, f.mat2, 32, few, "qScaleAndZeros");
  pt2_tensor_release(few);
  tear_down(&f);
  const pt2_backend_t* backend = pt2_backend_find("mps");
  assert_int_not_equal(backend->end_run(backend->user, 0), PT2_STATUS_OK);
}

static int nothing_is_left(void** state) {
  (void)state;
  return control->close() == 0 ? 0 : -1;
}

int main(int argc, char** argv) {
  if (argc != 3 || pt2_backend_load(argv[1], NULL) != PT2_STATUS_OK) {
    fprintf(stderr, "usage: test_mps_int4 PLUGIN FOLDER\n%s\n",
            pt2_error_message());
    return 2;
  }
  softmetal_control_fn get;
  *(void**)&get =
      dlsym(dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD), "softmetal_control");
  control = get();
  *(void**)&int4pack_mm =
      pt2_shim_symbol("mps", "aoti_torch_mps__weight_int4pack_mm");
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(test_values, nothing_is_left),
      cmocka_unit_test_teardown(test_wrong_calls_are_named, nothing_is_left),
  };
  return cmocka_run_group_tests_name("mps int4", tests, NULL, NULL);
}
