// SPDX-License-Identifier: Apache-2.0
//
// What the tool says about outputs: comparison, statistics, elements, tables,
// latencies, the nearest name.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tooling/compare.h"
#include "tooling/histogram.h"
#include "tooling/print.h"
#include "tooling/spec.h"

static int free_tables(void** state) {
  (void)state;
  pt2__reader_free_tables();
  return 0;
}

static pt2_tensor_t* make(const char* spec) {
  pt2__tensor_list_t list = {0};
  if (pt2__spec_load(spec, &list) != 0) {
    fail_msg("%s", pt2__tool_error());
  }
  pt2_tensor_t* tensor = list.items[0];
  list.items[0] = NULL;
  pt2__tensor_list_free(&list);
  return tensor;
}

static void test_comparisons(void** state) {
  (void)state;
  static const struct {
    const char* got;
    const char* expected;
    int outcome;
    const char* text;
  } kCases[] = {
      {"2xf32=1 2", "2xf32=1 2", PT2__COMPARE_EQUAL,
       "equal (rtol 1.3e-06, atol 1e-05)"},
      {"0x3xf32", "0x3xf32", PT2__COMPARE_EQUAL, "equal (rtol"},
      {"2xf32=1 2", "2xf32=1 2.000001", PT2__COMPARE_EQUAL,
       "equal within tolerance; largest difference at [1]: got 2, expected "
       "2.00000095"},
      {"2x2xf32=1 2 3 4", "2x2xf32=1 2 3.5 4.25", PT2__COMPARE_VALUES,
       "2 of 4 elements differ (50%); largest difference at [1, 0]: got 3, "
       "expected 3.5, abs 0.5, rel 0.143 (rtol 1.3e-06, atol 1e-05)"},
      {"f32=1", "f32=2", PT2__COMPARE_VALUES,
       "1 of 1 elements differ (100%); largest difference at []: got 1"},
      {"3xf32=nan inf -inf", "3xf32=nan inf -inf", PT2__COMPARE_EQUAL,
       "equal (rtol"},
      {"3xf32=nan 1 5", "3xf32=0 nan 1", PT2__COMPARE_VALUES,
       "3 of 3 elements differ (100%), 2 of them NaN in one only; largest "
       "difference at [0]: got nan, expected 0, abs inf, rel inf"},
      {"1xf32=3e38", "1xf32=inf", PT2__COMPARE_VALUES,
       "1 of 1 elements differ"},
      {"1xf32=-inf", "1xf32=inf", PT2__COMPARE_VALUES,
       "1 of 1 elements differ"},
      {"2xf32=0 -0", "2xf32=-0 0", PT2__COMPARE_EQUAL, "equal (rtol"},
      {"2xi64=9007199254740993 1", "2xi64=9007199254740992 1",
       PT2__COMPARE_VALUES, "1 of 2 elements differ (50%)"},
      {"2xi64=-9223372036854775808 1", "2xi64=9223372036854775807 1",
       PT2__COMPARE_VALUES, "abs 1.84e+19"},
      {"2xu64=18446744073709551615 1", "2xu64=18446744073709551614 1",
       PT2__COMPARE_VALUES, "abs 1, "},
      {"2xbool=1 0", "2xbool=1 1", PT2__COMPARE_VALUES,
       "1 of 2 elements differ (50%)"},
      {"1xbf16=1", "1xbf16=1.0078125", PT2__COMPARE_EQUAL,
       "equal within tolerance"},
      {"1xf8e5m2=1", "1xf8e5m2=1.25", PT2__COMPARE_VALUES,
       "1 of 1 elements differ"},
      {"1xcomplex64=3+4j", "1xcomplex64=3+1j", PT2__COMPARE_VALUES,
       "got 5, expected 3.16227766, abs 3,"},
      {"2xf32", "2xf64", PT2__COMPARE_DTYPE, "dtype f32, expected f64"},
      {"2xf32", "3xf32", PT2__COMPARE_SHAPE, "shape [2], expected [3]"},
      {"2x1xf32", "2xf32", PT2__COMPARE_SHAPE, "shape [2, 1], expected [2]"},
  };
  for (size_t i = 0; i < sizeof(kCases) / sizeof(kCases[0]); ++i) {
    pt2_tensor_t* got = make(kCases[i].got);
    pt2_tensor_t* expected = make(kCases[i].expected);
    pt2__comparison_t comparison;
    pt2__text_t text = {0};
    assert_int_equal(pt2__compare(got, expected,
                                  pt2__tolerance_default(pt2_tensor_dtype(got)),
                                  &comparison),
                     0);
    pt2__comparison_describe(&comparison, got, expected, &text);
    if (comparison.outcome != kCases[i].outcome ||
        strstr(text.data, kCases[i].text) == NULL) {
      fail_msg("case %zu: outcome %d, '%s'", i, comparison.outcome, text.data);
    }
    pt2__text_free(&text);
    pt2_tensor_release(expected);
    pt2_tensor_release(got);
  }
}

static void test_tolerances(void** state) {
  (void)state;
  pt2_tensor_t* got = make("2xf32=1 10");
  pt2_tensor_t* expected = make("2xf32=1.1 11");
  pt2__comparison_t comparison;
  assert_int_equal(
      pt2__compare(got, expected, (pt2__tolerance_t){0.1, 0}, &comparison), 0);
  assert_int_equal(comparison.differing, 0);
  assert_int_equal(
      pt2__compare(got, expected, (pt2__tolerance_t){0, 0.2}, &comparison), 0);
  assert_int_equal(comparison.differing, 1);
  assert_int_equal(comparison.worst, 1);
  pt2_tensor_release(expected);
  pt2_tensor_release(got);
}

static void test_strided_comparison(void** state) {
  (void)state;
  const int64_t sizes[] = {2, 3};
  const int64_t strides[] = {1, 2};
  float data[] = {1, 4, 2, 5, 3, 6};
  pt2_tensor_t* got = NULL;
  assert_int_equal(pt2_tensor_from_blob(data, PT2_DTYPE_F32, 2, sizes, strides,
                                        NULL, NULL, &got),
                   0);
  pt2_tensor_t* expected = make("2x3xf32=1 2 3 4 5 6");
  pt2__comparison_t comparison;
  assert_int_equal(
      pt2__compare(got, expected, (pt2__tolerance_t){0, 0}, &comparison), 0);
  assert_int_equal(comparison.outcome, PT2__COMPARE_EQUAL);
  pt2_tensor_release(expected);
  pt2_tensor_release(got);
}

static void check_elements(const char* spec, bool full, const char* wanted) {
  pt2_tensor_t* tensor = make(spec);
  pt2__reader_t reader;
  pt2__text_t text = {0};
  assert_int_equal(pt2__reader_init(pt2_tensor_dtype(tensor), &reader), 0);
  pt2__text_elements(&text, &reader, tensor, 2, full);
  assert_string_equal(text.data, wanted);
  pt2__text_free(&text);
  pt2_tensor_release(tensor);
}

static void test_elements(void** state) {
  (void)state;
  check_elements("f32=2.5", false, "  2.5\n");
  check_elements("2x2xi32=1 -20 3 4", false, "  [[  1 -20]\n   [  3   4]]\n");
  check_elements("2x1x2xi8=1 2 3 4", false, "  [[[1 2]]\n   [[3 4]]]\n");
  check_elements("0x2xf32", false, "  []\n");
  check_elements("100xi8=7", false, "  [7 7 7 ... 7 7 7]\n");
  check_elements("9x9xi8=1", false,
                 "  [[1 1 1 ... 1 1 1]\n   [1 1 1 ... 1 1 1]\n"
                 "   [1 1 1 ... 1 1 1]\n   ...\n"
                 "   [1 1 1 ... 1 1 1]\n   [1 1 1 ... 1 1 1]\n"
                 "   [1 1 1 ... 1 1 1]]\n");
  // Lines end at 80 columns.
  check_elements("70xi8=1", true,
                 "  [1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 "
                 "1 1 1 1 1 1 1 1 1 1\n"
                 "   1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 "
                 "1 1 1 1]\n");
}

static void test_statistics(void** state) {
  (void)state;
  pt2_tensor_t* tensor = make("6xf32=1 -3 nan inf -inf 5");
  pt2__reader_t reader;
  pt2__statistics_t statistics;
  assert_int_equal(pt2__reader_init(PT2_DTYPE_F32, &reader), 0);
  pt2__tensor_statistics(&reader, tensor, &statistics);
  assert_int_equal(statistics.numel, 6);
  assert_int_equal(statistics.finite_count, 3);
  assert_int_equal(statistics.nan_count, 1);
  assert_int_equal(statistics.inf_count, 2);
  assert_true(statistics.min == -3 && statistics.max == 5 &&
              statistics.mean == 1);
  pt2_tensor_release(tensor);
}

static void test_histogram(void** state) {
  (void)state;
  pt2__histogram_t* histogram = calloc(1, sizeof(*histogram));
  assert_non_null(histogram);
  assert_true(pt2__histogram_quantile(histogram, 0.5) == 0);
  for (uint64_t i = 1; i <= 100000; ++i) {
    pt2__histogram_add(histogram, i * 1000);
  }
  assert_int_equal(histogram->min_ns, 1000);
  assert_int_equal(histogram->max_ns, 100000000);
  assert_true(fabs(pt2__histogram_mean(histogram) - 50000500) < 1);
  static const double kFractions[] = {0.0001, 0.01, 0.5, 0.9, 0.99, 1};
  for (size_t i = 0; i < 6; ++i) {
    double wanted = kFractions[i] * 1e8;
    double got = pt2__histogram_quantile(histogram, kFractions[i]);
    if (fabs(got - wanted) > wanted / 128) {
      fail_msg("quantile %g: %g, not %g", kFractions[i], got, wanted);
    }
  }
  // Every magnitude has a bucket, and exact values stay within min and max.
  pt2__histogram_t* other = calloc(1, sizeof(*other));
  assert_non_null(other);
  for (unsigned bit = 0; bit < 64; ++bit) {
    pt2__histogram_add(other, (uint64_t)1 << bit);
  }
  assert_true(pt2__histogram_quantile(other, 0.0) == 1);
  pt2__histogram_merge(histogram, other);
  assert_int_equal(histogram->count, 100064);
  assert_int_equal(histogram->min_ns, 1);
  free(other);
  free(histogram);
}

static void test_small_latencies_are_exact(void** state) {
  (void)state;
  pt2__histogram_t* histogram = calloc(1, sizeof(*histogram));
  assert_non_null(histogram);
  for (uint64_t i = 0; i < 256; ++i) {
    pt2__histogram_add(histogram, i);
  }
  assert_true(pt2__histogram_quantile(histogram, 0.5) == 127);
  assert_true(pt2__histogram_quantile(histogram, 1) == 255);
  free(histogram);
}

static void test_table(void** state) {
  (void)state;
  pt2__table_t table = {.columns = 2};
  pt2__text_t text = {0};
  pt2__table_add(&table, "a");
  pt2__table_add(&table, "x");
  pt2__table_add(&table, "l\xc3\xa4nger");
  pt2__table_printf(&table, "%d\n", 7);
  pt2__table_format(&table, "> ", &text);
  assert_string_equal(text.data, "> a       x\n> l\xc3\xa4nger  7?\n");
  pt2__text_free(&text);
  pt2__table_free(&table);
}

static void test_shapes(void** state) {
  (void)state;
  const pt2_dim_info_t dims[] = {{1, 64, "s0", 256},
                                 {256, 256, NULL, 1},
                                 {2, INT64_MAX, "s1", PT2_STRIDE_ANY}};
  pt2_value_info_t info = {.rank = 3, .dims = dims};
  pt2__text_t text = {0};
  pt2__text_value_shape(&text, &info, true);
  assert_string_equal(text.data, "[s0:1..64, 256, s1:2..]");
  pt2__text_free(&text);
  pt2__text_value_shape(&text, &info, false);
  assert_string_equal(text.data, "[s0, 256, s1]");
  pt2__text_free(&text);
  info.rank = -1;
  pt2__text_value_shape(&text, &info, true);
  assert_string_equal(text.data, "[?]");
  pt2__text_free(&text);
}

static void test_nearest_name(void** state) {
  (void)state;
  static const char* const kNames[] = {"input", "output", "json", "rtol"};
  assert_string_equal(pt2__nearest_name("imput", kNames, 4), "input");
  assert_string_equal(pt2__nearest_name("ouptut", kNames, 4), "output");
  assert_string_equal(pt2__nearest_name("out", kNames, 4), "output");
  assert_string_equal(pt2__nearest_name("rtl", kNames, 4), "rtol");
  assert_null(pt2__nearest_name("zzzzz", kNames, 4));
  assert_null(pt2__nearest_name("", kNames, 4));
}

static void test_errors_are_one_line(void** state) {
  (void)state;
  pt2__tool_error_clear();
  assert_int_equal(pt2__tool_fail(2, "a\nb\033[31m%s", "c"), 2);
  assert_int_equal(pt2__tool_fail(1, "later"), 1);
  assert_string_equal(pt2__tool_error(), "a b [31mc");
  pt2__tool_error_prefix("file %d", 3);
  assert_string_equal(pt2__tool_error(), "file 3: a b [31mc");
  pt2__tool_error_clear();
  assert_string_equal(pt2__tool_error(), "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_comparisons),
      cmocka_unit_test(test_tolerances),
      cmocka_unit_test(test_strided_comparison),
      cmocka_unit_test(test_elements),
      cmocka_unit_test(test_statistics),
      cmocka_unit_test(test_histogram),
      cmocka_unit_test(test_small_latencies_are_exact),
      cmocka_unit_test(test_table),
      cmocka_unit_test(test_shapes),
      cmocka_unit_test(test_nearest_name),
      cmocka_unit_test(test_errors_are_one_line),
  };
  return cmocka_run_group_tests(tests, NULL, free_tables);
}
