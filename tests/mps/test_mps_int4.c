// SPDX-License-Identifier: Apache-2.0
//
// _weight_int4pack_mm, with weights packed as PyTorch's mps packs them:
//
//   test_mps_int4 PLUGIN
#include "mps/device.h"

#define ROWS 3
#define N 16
#define K 96

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
    OK(SHIM(_weight_int4pack_mm)(f.self, f.mat2, group_size, f.scales_and_zeros,
                                 &result));
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

static void test_wrong_calls_are_named(void** state) {
  (void)state;
  fixture_t f;
  set_up(&f, 32);
  AtenTensorHandle s = f.scales_and_zeros, result = NULL;
  REFUSED(SHIM(_weight_int4pack_mm)(f.self, f.mat2, 48, s, &result),
          PT2_STATUS_INVALID_ARGUMENT, "32, 64, 128 or 256");
  assert_null(result);
  REFUSED(SHIM(_weight_int4pack_mm)(f.mat2, f.mat2, 32, s, &result),
          PT2_STATUS_INVALID_ARGUMENT, "matrix of floating point");
  assert_null(result);
  REFUSED(SHIM(_weight_int4pack_mm)(f.self, f.self, 32, s, &result),
          PT2_STATUS_INVALID_ARGUMENT, "int32 tensor of 4 dimensions");
  assert_null(result);
  REFUSED(SHIM(_weight_int4pack_mm)(f.self, f.mat2, 32, f.self, &result),
          PT2_STATUS_INVALID_ARGUMENT, "qScaleAndZeros");
  assert_null(result);
  REFUSED(SHIM(_weight_int4pack_mm)(NULL, f.mat2, 32, s, &result),
          PT2_STATUS_INVALID_ARGUMENT, "all three tensors");
  assert_null(result);
  REFUSED(SHIM(_weight_int4pack_mm)(f.self, f.mat2, 32, s, NULL),
          PT2_STATUS_INVALID_ARGUMENT, "the pointer to a result is NULL");
  pt2_tensor_t* narrow = on_device(PT2_DTYPE_F32, 2, (int64_t[]){1, 64}, f.a);
  REFUSED(SHIM(_weight_int4pack_mm)(narrow, f.mat2, 32, s, &result),
          PT2_STATUS_INVALID_ARGUMENT, "4 bits for each of self's columns");
  assert_null(result);
  pt2_tensor_release(narrow);
  pt2_tensor_t* few =
      on_device(PT2_DTYPE_F32, 3, (int64_t[]){2, N, 2}, f.scales);
  REFUSED(SHIM(_weight_int4pack_mm)(f.self, f.mat2, 32, few, &result),
          PT2_STATUS_INVALID_ARGUMENT, "qScaleAndZeros");
  assert_null(result);
  pt2_tensor_release(few);
  tear_down(&f);
  assert_int_not_equal(take_failure(), PT2_STATUS_OK);
}

int main(int argc, char** argv) {
  if (!begin(argc, argv, 1)) {
    return 2;
  }
  const struct CMUnitTest tests[] = {
      TEST(test_values),
      TEST(test_wrong_calls_are_named),
  };
  return cmocka_run_group_tests_name("mps int4", tests, NULL, NULL);
}
