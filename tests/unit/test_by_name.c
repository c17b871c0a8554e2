// SPDX-License-Identifier: Apache-2.0
//
// Searching and counting as the proxy executor calls it by name. The values are
// those of torch 2.15.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ops/op.h"
#include "pt2/op.h"
#include "shim/op_registry.h"

#define MOST_RESULTS 3

static pt2_tensor_t* make(int32_t dtype, int64_t rank, const int64_t* sizes,
                          const double* values) {
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2__tensor_empty(dtype, rank, sizes, NULL, &tensor), 0);
  size_t bytes = pt2_dtype_size_bytes(dtype);
  for (int64_t i = 0; i < tensor->numel; ++i) {
    pt2__element_set_f64(dtype, (char*)tensor->data + (size_t)i * bytes,
                         values[i]);
  }
  return tensor;
}

static pt2_tensor_t* make_row(int32_t dtype, int64_t size,
                              const double* values) {
  return make(dtype, 1, &size, values);
}

static pt2_value_t tensor_value(pt2_tensor_t* tensor) {
  return (pt2_value_t){.kind = PT2_VALUE_TENSOR, .as.tensor = tensor};
}

static pt2_value_t int_value(int64_t value) {
  return (pt2_value_t){.kind = PT2_VALUE_INT, .as.integer = value};
}

static pt2_value_t bool_value(bool value) {
  return (pt2_value_t){.kind = PT2_VALUE_BOOL, .as.boolean = value};
}

static pt2_status_t call(const char* name, const pt2_value_t* arguments,
                         size_t count, pt2_tensor_t** results,
                         size_t result_count) {
  pt2_op_fn function = NULL;
  void* user = NULL;
  assert_true(pt2__op_lookup(name, &function, &user));
  memset(results, 0, sizeof(*results) * result_count);
  pt2__error_begin();
  return function(user, arguments, count, results, result_count);
}

// Compares and releases.
static void check(pt2_tensor_t* result, int32_t dtype, int64_t rank,
                  const int64_t* sizes, const double* values) {
  assert_non_null(result);
  assert_int_equal(result->dtype, dtype);
  assert_int_equal(result->rank, rank);
  for (int64_t d = 0; d < rank; ++d) {
    assert_int_equal(result->sizes[d], sizes[d]);
  }
  pt2_tensor_t* dense = NULL;
  assert_int_equal(pt2__tensor_to_contiguous(result, PT2_DTYPE_F64, &dense), 0);
  for (int64_t i = 0; i < dense->numel; ++i) {
    double found = ((const double*)dense->data)[i];
    // NaN is unequal to itself.
    bool nan = values[i] != values[i];
    assert_true(nan ? found != found : found == values[i]);
  }
  pt2__tensor_release(dense);
  pt2__tensor_release(result);
}

static void check_row(pt2_tensor_t* result, int32_t dtype, int64_t size,
                      const double* values) {
  check(result, dtype, 1, &size, values);
}

static void check_refused(const char* name, const pt2_value_t* arguments,
                          size_t count, size_t result_count,
                          const char* message) {
  pt2_tensor_t* results[MOST_RESULTS];
  assert_int_not_equal(call(name, arguments, count, results, result_count), 0);
  assert_null(results[0]);
  assert_non_null(strstr(pt2_error_message(), message));
}

static void test_bincount(void** state) {
  (void)state;
  const double places[5] = {3, 0, 3, 1, 3};
  const double weights[5] = {0.5, 1, 2, 4, 8};
  const double counts[6] = {1, 1, 0, 3, 0, 0};
  const double sums[4] = {1, 4, 0, 10.5};
  pt2_tensor_t* self = make_row(PT2_DTYPE_I32, 5, places);
  pt2_tensor_t* weight = make_row(PT2_DTYPE_F32, 5, weights);
  pt2_tensor_t* results[1];
  pt2_value_t arguments[3] = {
      tensor_value(self), {.kind = PT2_VALUE_NONE}, int_value(6)};
  assert_int_equal(call("aten::bincount", arguments, 1, results, 1), 0);
  check_row(results[0], PT2_DTYPE_I64, 4, counts);
  assert_int_equal(call("aten::bincount", arguments, 3, results, 1), 0);
  check_row(results[0], PT2_DTYPE_I64, 6, counts);
  arguments[1] = tensor_value(weight);
  assert_int_equal(call("aten::bincount", arguments, 2, results, 1), 0);
  check_row(results[0], PT2_DTYPE_F32, 4, sums);
  // Other weights become f64.
  arguments[1] = tensor_value(self);
  const double squares[4] = {0, 1, 0, 9};
  assert_int_equal(call("aten::bincount", arguments, 2, results, 1), 0);
  check_row(results[0], PT2_DTYPE_F64, 4, squares);
  pt2__tensor_release(weight);
  pt2__tensor_release(self);
}

static void test_bincount_refused(void** state) {
  (void)state;
  const double negative[2] = {1, -1};
  pt2_tensor_t* self = make_row(PT2_DTYPE_I64, 2, negative);
  pt2_tensor_t* floats = make_row(PT2_DTYPE_F32, 2, negative);
  pt2_value_t arguments[3] = {
      tensor_value(self), {.kind = PT2_VALUE_NONE}, int_value(-1)};
  check_refused("aten::bincount", arguments, 1, 1, "non-negative");
  check_refused("aten::bincount", arguments, 3, 1, "minlength should be >= 0");
  check_refused("aten::bincount", arguments, 1, 2, "2 results wanted");
  check_refused("aten::bincount", arguments, 0, 1,
                "argument self: expected a tensor, got nothing");
  ((int64_t*)self->data)[1] = INT64_MAX;
  check_refused("aten::bincount", arguments, 1, 1, "non-negative");
  ((int64_t*)self->data)[1] = INT64_MAX / 2;
  check_refused("aten::bincount", arguments, 1, 1, "aten::bincount");
  const int64_t three[1] = {3};
  const double ones[3] = {1, 1, 1};
  pt2_tensor_t* weights = make(PT2_DTYPE_F32, 1, three, ones);
  arguments[1] = tensor_value(weights);
  check_refused("aten::bincount", arguments, 2, 1, "the same length as input");
  arguments[0] = tensor_value(floats);
  check_refused("aten::bincount", arguments, 1, 1,
                "not implemented for 'Float'");
  arguments[0] = int_value(3);
  check_refused("aten::bincount", arguments, 1, 1,
                "argument self: expected a tensor");
  pt2__tensor_release(weights);
  pt2__tensor_release(floats);
  pt2__tensor_release(self);
}

static const double nan_value = (double)__builtin_nanf("");

static void test_median(void** state) {
  (void)state;
  const int64_t sizes[2] = {2, 4}, kept[2] = {2, 1};
  const double values[8] = {4, 1, 3, 2, 5, nan_value, 5, nan_value};
  pt2_tensor_t* self = make(PT2_DTYPE_F32, 2, sizes, values);
  pt2_tensor_t* results[2];
  const pt2_value_t arguments[3] = {tensor_value(self), int_value(-1),
                                    bool_value(true)};
  const double medians[2] = {2, nan_value}, places[2] = {3, 1};
  assert_int_equal(call("aten::median.dim", arguments, 2, results, 2), 0);
  check_row(results[0], PT2_DTYPE_F32, 2, medians);
  check_row(results[1], PT2_DTYPE_I64, 2, places);
  const double nan_medians[2] = {2, 5}, nan_places[2] = {3, 0};
  assert_int_equal(call("aten::nanmedian.dim", arguments, 3, results, 2), 0);
  check(results[0], PT2_DTYPE_F32, 2, kept, nan_medians);
  check(results[1], PT2_DTYPE_I64, 2, kept, nan_places);
  const pt2_value_t bad[2] = {tensor_value(self), int_value(2)};
  check_refused("aten::median.dim", bad, 2, 2, "Dimension out of range");
  check_refused("aten::nanmedian.dim", bad, 2, 2, "Dimension out of range");
  pt2__tensor_release(self);
}

static void test_elements(void** state) {
  (void)state;
  const double values[6] = {3, 3, 1, 1, 1, 3};
  pt2_tensor_t* self = make_row(PT2_DTYPE_I64, 6, values);
  pt2_tensor_t* results[3];
  pt2_value_t arguments[4] = {tensor_value(self),
                              bool_value(true),
                              bool_value(true),
                              {.kind = PT2_VALUE_NONE}};
  const double runs[3] = {3, 1, 3}, which[6] = {0, 0, 1, 1, 1, 2};
  const double lengths[3] = {2, 3, 1};
  assert_int_equal(call("aten::unique_consecutive", arguments, 4, results, 3),
                   0);
  check_row(results[0], PT2_DTYPE_I64, 3, runs);
  check_row(results[1], PT2_DTYPE_I64, 6, which);
  check_row(results[2], PT2_DTYPE_I64, 3, lengths);
  const double sorted[2] = {1, 3}, places[6] = {1, 1, 0, 0, 0, 1};
  assert_int_equal(call("aten::_unique2", arguments, 3, results, 3), 0);
  check_row(results[0], PT2_DTYPE_I64, 2, sorted);
  check_row(results[1], PT2_DTYPE_I64, 6, places);
  check_row(results[2], PT2_DTYPE_I64, 0, NULL);
  pt2__tensor_release(self);
}

static void test_slices(void** state) {
  (void)state;
  const int64_t sizes[2] = {3, 2}, found[2] = {2, 2};
  const double values[6] = {2, 1, 2, 1, 1, 5};
  pt2_tensor_t* self = make(PT2_DTYPE_F32, 2, sizes, values);
  pt2_tensor_t* results[3];
  const pt2_value_t arguments[2] = {tensor_value(self), int_value(0)};
  const double sorted[4] = {1, 5, 2, 1}, which[3] = {1, 1, 0};
  const double counts[2] = {1, 2};
  assert_int_equal(call("aten::unique_dim", arguments, 2, results, 3), 0);
  check(results[0], PT2_DTYPE_F32, 2, found, sorted);
  check_row(results[1], PT2_DTYPE_I64, 3, which);
  check_row(results[2], PT2_DTYPE_I64, 2, counts);
  const pt2_value_t along[4] = {tensor_value(self), bool_value(false),
                                bool_value(false), int_value(-2)};
  const double runs[4] = {2, 1, 1, 5}, numbers[3] = {0, 0, 1};
  const double lengths[2] = {2, 1};
  assert_int_equal(call("aten::unique_consecutive", along, 4, results, 3), 0);
  check(results[0], PT2_DTYPE_F32, 2, found, runs);
  check_row(results[1], PT2_DTYPE_I64, 3, numbers);
  check_row(results[2], PT2_DTYPE_I64, 2, lengths);
  const pt2_value_t bad[2] = {tensor_value(self), int_value(2)};
  check_refused("aten::unique_dim", bad, 2, 3, "Dimension out of range");
  pt2__tensor_release(self);
}

// Every allocation fails once: an error, nothing kept.
static void check_allocations(const char* name, const pt2_value_t* arguments,
                              size_t count, size_t result_count) {
  for (uint64_t nth = 1;; ++nth) {
    size_t before = 0, after = 0, kept = 0;
    pt2__pool_statistics(&before, &kept);
    pt2_tensor_t* results[MOST_RESULTS];
    pt2__fault_set(nth, false);
    pt2_status_t status = call(name, arguments, count, results, result_count);
    pt2__fault_set(0, false);
    for (size_t i = 0; i < result_count; ++i) {
      assert_true(status == PT2_STATUS_OK || results[i] == NULL);
      pt2__tensor_release(results[i]);
    }
    pt2__pool_statistics(&after, &kept);
    assert_int_equal(after, before);
    if (status == PT2_STATUS_OK) {
      assert_true(nth > 2);
      return;
    }
    assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
  }
}

static void test_failing_allocations(void** state) {
  (void)state;
  const int64_t sizes[2] = {3, 2};
  const double values[6] = {2, 1, 2, 1, 1, 5};
  pt2_tensor_t* self = make(PT2_DTYPE_F32, 2, sizes, values);
  pt2_tensor_t* row = make_row(PT2_DTYPE_I32, 6, values);
  const pt2_value_t flags[3] = {tensor_value(self), bool_value(true),
                                bool_value(true)};
  const pt2_value_t dim[2] = {tensor_value(self), int_value(1)};
  const pt2_value_t weighted[2] = {tensor_value(row), tensor_value(row)};
  check_allocations("aten::_unique2", flags, 3, 3);
  check_allocations("aten::unique_consecutive", flags, 3, 3);
  check_allocations("aten::unique_dim", dim, 2, 3);
  check_allocations("aten::median.dim", dim, 2, 2);
  check_allocations("aten::bincount", weighted, 2, 1);
  pt2__tensor_release(row);
  pt2__tensor_release(self);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bincount),
      cmocka_unit_test(test_bincount_refused),
      cmocka_unit_test(test_median),
      cmocka_unit_test(test_elements),
      cmocka_unit_test(test_slices),
      cmocka_unit_test(test_failing_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
