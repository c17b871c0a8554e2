// SPDX-License-Identifier: Apache-2.0
//
// aten::upsample_bilinear2d as the proxy executor calls it. The values are
// those of torch 2.15 for the input below.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ops/op.h"
#include "pt2/op.h"
#include "shim/op_registry.h"

static const float expected_half[60] = {
    -5.0f,      -1.5f,       1.333333f,   -1.3333335f, 1.5f,
    5.0f,       -2.5999997f, -1.3f,       0.0666665f,  0.3333335f,
    1.7f,       2.9999998f,  1.0f,        -1.0f,       -1.8333328f,
    2.8333335f, 2.0f,        0.0f,        -2.0000007f, -0.6999999f,
    0.6666672f, 0.9333328f,  -1.0000007f, -3.0000005f, -4.0f,
    -0.5f,      2.333333f,   -0.3333335f, -3.0f,       -5.0f,
    2.0f,       0.0f,        -0.8333328f, 3.8333337f,  3.0f,
    1.0f,       -2e-07f,     0.2f,        0.8333337f,  2.5666666f,
    0.9999999f, -1.0000002f, -3.0f,       0.5f,        3.333333f,
    0.6666665f, -2.0f,       -4.0f,       0.6000009f,  0.8000001f,
    0.3333324f, -2.333334f,  -1.7f,       -0.3999992f, 3.0f,
    1.0f,       -1.666667f,  -4.3333335f, -1.5f,       2.0f};
static const float expected_corners[60] = {
    -5.0f, -0.7999998f, 1.1999998f,  -1.2000003f, 0.8000007f,  5.0f,
    -2.0f, -1.0999999f, -0.1999999f, 0.7000001f,  1.6000001f,  2.5f,
    1.0f,  -1.4000001f, -1.5999997f, 2.6000004f,  2.3999996f,  0.0f,
    -1.5f, -0.6f,       0.3000001f,  1.2f,        -0.1000004f, -2.5f,
    -4.0f, 0.2000002f,  2.1999998f,  -0.2000003f, -2.6000004f, -5.0f,
    2.0f,  -0.4000001f, -0.5999997f, 3.6000006f,  3.3999996f,  1.0f,
    -0.5f, 0.4f,        1.3000001f,  2.2000003f,  0.8999996f,  -1.5f,
    -3.0f, 1.2000002f,  3.1999998f,  0.7999997f,  -1.6000004f, -4.0f,
    0.0f,  0.9f,        0.6999998f,  -1.7000003f, -1.8999999f, -1.0f,
    3.0f,  0.5999999f,  -1.8000002f, -4.2000003f, -2.1999993f, 2.0f};
static const float expected_scaled[60] = {
    -5.0f,      -1.5f,       1.333333f,   -1.3333335f, 1.5f,
    5.0f,       -2.7058823f, -1.3088236f, 0.122549f,   0.2598041f,
    1.6911767f, 3.0882354f,  0.82353f,    -1.0147059f, -1.7401958f,
    2.7107849f, 1.9852941f,  0.1470584f,  -1.7941179f, -0.7205882f,
    0.4950984f, 1.0637252f,  -0.7941179f, -2.7941179f, -4.0f,
    -0.5f,      2.333333f,   -0.3333335f, -3.0f,       -5.0f,
    2.0f,       0.0f,        -0.8333328f, 3.8333337f,  3.0f,
    1.0f,       0.0882352f,  0.1911765f,  0.7598042f,  2.6225491f,
    1.0882351f, -0.9117649f, -2.8529415f, 0.4852941f,  3.2107844f,
    0.7598035f, -1.8529416f, -3.8529418f, 0.3529415f,  0.7794118f,
    0.539215f,  -2.1274514f, -1.7205882f, -0.6470585f, 3.0f,
    1.0f,       -1.666667f,  -4.3333335f, -1.5f,       2.0f};
static const float expected_vec[60] = {
    -5.0f,      -1.5f,       1.333333f,   -1.3333335f, 1.5f,
    5.0f,       -2.7058823f, -1.3088236f, 0.122549f,   0.2598041f,
    1.6911767f, 3.0882354f,  0.82353f,    -1.0147059f, -1.7401958f,
    2.7107849f, 1.9852941f,  0.1470584f,  -1.7941179f, -0.7205882f,
    0.4950984f, 1.0637252f,  -0.7941179f, -2.7941179f, -4.0f,
    -0.5f,      2.333333f,   -0.3333335f, -3.0f,       -5.0f,
    2.0f,       0.0f,        -0.8333328f, 3.8333337f,  3.0f,
    1.0f,       0.0882352f,  0.1911765f,  0.7598042f,  2.6225491f,
    1.0882351f, -0.9117649f, -2.8529415f, 0.4852941f,  3.2107844f,
    0.7598035f, -1.8529416f, -3.8529418f, 0.3529415f,  0.7794118f,
    0.539215f,  -2.1274514f, -1.7205882f, -0.6470585f, 3.0f,
    1.0f,       -1.666667f,  -4.3333335f, -1.5f,       2.0f};

// [1, 2, 3, 4] or a batch of more; channels last if |last|.
static pt2_tensor_t* make_input(int64_t batch, int32_t dtype, bool last) {
  const int64_t sizes[4] = {batch, 2, 3, 4};
  int64_t strides[4];
  if (last) {
    pt2__sizes_channels_last_strides(4, sizes, strides);
  } else {
    pt2__sizes_contiguous_strides(4, sizes, strides);
  }
  pt2_tensor_t* plain = NULL;
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2__tensor_empty(PT2_DTYPE_F32, 4, sizes, NULL, &plain), 0);
  for (int64_t i = 0; i < plain->numel; ++i) {
    ((float*)plain->data)[i] = (float)(i % 24 * 7 % 11 - 5);
  }
  assert_int_equal(pt2__tensor_empty(dtype, 4, sizes, strides, &tensor), 0);
  assert_int_equal(pt2__tensor_copy(tensor, plain), 0);
  pt2__tensor_release(plain);
  return tensor;
}

static pt2_status_t call(const char* name, const pt2_value_t* arguments,
                         size_t count, pt2_tensor_t** result) {
  pt2_op_fn function = NULL;
  void* user = NULL;
  assert_true(pt2__op_lookup(name, &function, &user));
  pt2__error_begin();
  return function(user, arguments, count, result, 1);
}

static const int64_t size[2] = {5, 6};

static void check(const char* name, bool align, double scale_h, double scale_w,
                  const float* expected, int32_t dtype, bool last,
                  double tolerance) {
  pt2_tensor_t* input = make_input(1, dtype, last);
  const pt2_value_t arguments[5] = {
      {.name = "self", .kind = PT2_VALUE_TENSOR, .as.tensor = input},
      {.kind = PT2_VALUE_INT_LIST, .as.integers = size, .count = 2},
      {.kind = PT2_VALUE_BOOL, .as.boolean = align},
      {.kind = scale_h > 0 ? PT2_VALUE_FLOAT : PT2_VALUE_NONE,
       .as.number = scale_h},
      {.kind = scale_w > 0 ? PT2_VALUE_FLOAT : PT2_VALUE_NONE,
       .as.number = scale_w}};
  pt2_tensor_t* result = NULL;
  assert_int_equal(call(name, arguments, scale_h > 0 ? 5 : 3, &result), 0);
  assert_int_equal(result->dtype, dtype);
  assert_int_equal(result->strides[1], last ? 1 : 30);
  assert_int_equal(result->strides[3], last ? 2 : 1);
  pt2_tensor_t* plain = NULL;
  assert_int_equal(pt2__tensor_to_contiguous(result, PT2_DTYPE_F32, &plain), 0);
  assert_int_equal(plain->numel, 60);
  for (int i = 0; i < 60; ++i) {
    double difference = fabs(((float*)plain->data)[i] - expected[i]);
    assert_true(difference <= tolerance);
  }
  pt2__tensor_release(plain);
  pt2__tensor_release(result);
  pt2__tensor_release(input);
}

static void test_values(void** state) {
  (void)state;
  static const struct {
    int32_t dtype;
    double tolerance;
  } dtypes[] = {{PT2_DTYPE_F32, 1e-6},
                {PT2_DTYPE_F64, 2e-6},
                {PT2_DTYPE_F16, 4e-3},
                {PT2_DTYPE_BF16, 2e-2}};
  const char* name = "aten::upsample_bilinear2d";
  for (int i = 0; i < 4; ++i) {
    for (int last = 0; last < 2; ++last) {
      int32_t dtype = dtypes[i].dtype;
      double tolerance = dtypes[i].tolerance;
      check(name, false, 0, 0, expected_half, dtype, last, tolerance);
      check(name, true, 0, 0, expected_corners, dtype, last, tolerance);
      check("aten::upsample_bilinear2d.default", false, 1.7, 1.5,
            expected_scaled, dtype, last, tolerance);
    }
  }
}

static void test_factors(void** state) {
  (void)state;
  const double factors[2] = {1.7, 1.5};
  pt2_tensor_t* input = make_input(1, PT2_DTYPE_F32, false);
  const pt2_value_t arguments[4] = {
      {.kind = PT2_VALUE_TENSOR, .as.tensor = input},
      {.kind = PT2_VALUE_NONE},
      {.kind = PT2_VALUE_BOOL},
      {.kind = PT2_VALUE_FLOAT_LIST, .as.numbers = factors, .count = 2}};
  pt2_tensor_t* result = NULL;
  assert_int_equal(call("aten::upsample_bilinear2d.vec", arguments, 4, &result),
                   0);
  assert_int_equal(result->sizes[2], 5);
  assert_int_equal(result->sizes[3], 6);
  for (int i = 0; i < 60; ++i) {
    assert_true(fabs(((float*)result->data)[i] - expected_vec[i]) <= 1e-6);
  }
  pt2__tensor_release(result);
  pt2__tensor_release(input);
}

static void check_refused(pt2_tensor_t* input, const int64_t* wanted,
                          size_t count, const char* message) {
  const pt2_value_t arguments[3] = {
      {.kind = PT2_VALUE_TENSOR, .as.tensor = input},
      {.kind = PT2_VALUE_INT_LIST, .as.integers = wanted, .count = count},
      {.kind = PT2_VALUE_BOOL}};
  pt2_tensor_t* result = NULL;
  assert_int_not_equal(call("aten::upsample_bilinear2d", arguments, 3, &result),
                       0);
  assert_null(result);
  assert_non_null(strstr(pt2_error_message(), message));
}

static void test_refused(void** state) {
  (void)state;
  pt2_tensor_t* input = make_input(1, PT2_DTYPE_F32, false);
  pt2_tensor_t* integers = make_input(1, PT2_DTYPE_I64, false);
  const int64_t zero[2] = {0, 6};
  check_refused(input, size, 1,
                "It is expected output_size equals to 2, but got size 1");
  check_refused(input, zero, 2,
                "Input and output sizes should be greater than 0, but got "
                "input (H: 3, W: 4) output (H: 0, W: 6)");
  check_refused(integers, size, 2, "not implemented for 'Long'");
  pt2__tensor_release(integers);
  pt2__tensor_release(input);
}

static void test_empty_batch(void** state) {
  (void)state;
  pt2_tensor_t* input = make_input(0, PT2_DTYPE_F32, false);
  const pt2_value_t arguments[3] = {
      {.kind = PT2_VALUE_TENSOR, .as.tensor = input},
      {.kind = PT2_VALUE_INT_LIST, .as.integers = size, .count = 2},
      {.kind = PT2_VALUE_BOOL}};
  pt2_tensor_t* result = NULL;
  assert_int_equal(call("aten::upsample_bilinear2d", arguments, 3, &result), 0);
  assert_int_equal(result->numel, 0);
  assert_int_equal(result->sizes[3], 6);
  pt2__tensor_release(result);
  pt2__tensor_release(input);
}

// Every allocation fails once: an error, no result, nothing kept.
static void test_failing_allocations(void** state) {
  (void)state;
  pt2_tensor_t* input = make_input(1, PT2_DTYPE_F16, false);
  const pt2_value_t arguments[3] = {
      {.kind = PT2_VALUE_TENSOR, .as.tensor = input},
      {.kind = PT2_VALUE_INT_LIST, .as.integers = size, .count = 2},
      {.kind = PT2_VALUE_BOOL}};
  int failures = 0;
  for (uint64_t nth = 1;; ++nth) {
    size_t before = 0, after = 0, kept = 0;
    pt2__pool_statistics(&before, &kept);
    pt2_tensor_t* result = NULL;
    pt2__fault_set(nth, false);
    pt2_status_t status =
        call("aten::upsample_bilinear2d", arguments, 3, &result);
    pt2__fault_set(0, false);
    if (status == PT2_STATUS_OK) {
      pt2__tensor_release(result);
      break;
    }
    failures++;
    assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
    assert_null(result);
    pt2__pool_statistics(&after, &kept);
    assert_int_equal(after, before);
  }
  assert_true(failures >= 4);
  pt2__tensor_release(input);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_values),
      cmocka_unit_test(test_factors),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_empty_batch),
      cmocka_unit_test(test_failing_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
