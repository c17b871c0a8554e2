// SPDX-License-Identifier: Apache-2.0
//
// The grammar of --input, random tensors, the order of keys.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tooling/inputs.h"
#include "tooling/print.h"
#include "tooling/spec.h"

static int clear_error(void** state) {
  (void)state;
  pt2__tool_error_clear();
  return 0;
}

static int free_tables(void** state) {
  (void)state;
  pt2__reader_free_tables();
  return 0;
}

// "f32[2, 3] [[1 2 3] [4 5 6]]" of one tensor, without line breaks.
static void describe(const pt2_tensor_t* tensor, pt2__text_t* text) {
  pt2__reader_t reader;
  assert_int_equal(pt2__reader_init(pt2_tensor_dtype(tensor), &reader), 0);
  pt2__text_printf(text, "%s", pt2_dtype_name(pt2_tensor_dtype(tensor)));
  pt2__text_sizes(text, pt2_tensor_rank(tensor), pt2_tensor_peek_sizes(tensor));
  pt2__text_printf(text, " ");
  pt2__text_elements(text, &reader, tensor, 0, true);
  for (char* at = text->data; *at != '\0'; ++at) {
    *at = *at == '\n' ? ' ' : *at;
  }
  text->data[--text->length] = '\0';
}

static void test_specs(void** state) {
  (void)state;
  static const struct {
    const char* spec;
    const char* wanted;
  } kGood[] = {
      {"2x3xf32=1 2 3 4 5 6", "f32[2, 3] [[1 2 3]  [4 5 6]]"},
      {"2x3xf32=[[1, 2, 3], [4, 5, 6]]", "f32[2, 3] [[1 2 3]  [4 5 6]]"},
      {"2x3xf32=1,2,3,4,5,6", "f32[2, 3] [[1 2 3]  [4 5 6]]"},
      {"2x3xf32=0.5", "f32[2, 3] [[0.5 0.5 0.5]  [0.5 0.5 0.5]]"},
      {"2x3xf32", "f32[2, 3] [[0 0 0]  [0 0 0]]"},
      {"f32=3", "f32[] 3"},
      {"i64=7", "i64[] 7"},
      {"f32", "f32[] 0"},
      {"0x4xf32", "f32[0, 4] []"},
      {"0x4xf32=1", "f32[0, 4] []"},
      {"0x4xf32=", "f32[0, 4] []"},
      {"3xf64=nan -inf 1e-3", "f64[3] [  nan  -inf 0.001]"},
      {"2xbf16=1.5 -2", "bf16[2] [1.5  -2]"},
      {"2xf16=0.5 65504", "f16[2] [     0.5 6.55e+04]"},
      {"2xf8e4m3fn=448 -0.5", "f8e4m3fn[2] [ 448 -0.5]"},
      {"2xf8e5m2=1 inf", "f8e5m2[2] [  1 inf]"},
      {"2xi8=-128 127", "i8[2] [-128  127]"},
      {"2xu8=0 255", "u8[2] [  0 255]"},
      {"2xi16=-32768 0x7fff", "i16[2] [-32768  32767]"},
      {"2xu16=0 65535", "u16[2] [    0 65535]"},
      {"2xi32=-2147483648 2147483647", "i32[2] [-2147483648  2147483647]"},
      {"1xu32=4294967295", "u32[1] [4294967295]"},
      {"2xi64=-9223372036854775808 9223372036854775807",
       "i64[2] [-9223372036854775808  9223372036854775807]"},
      {"1xu64=18446744073709551615", "u64[1] [18446744073709551615]"},
      {"4xbool=1 0 true False", "bool[4] [ True False  True False]"},
      {"3xcomplex64=1+2j (3-4j) 5j", "c64[3] [1+2j 3-4j 0+5j]"},
      {"1x1xcomplex128=-1", "c128[1, 1] [[-1+0j]]"},
      {"2xfloat32=1", "f32[2] [1 1]"},
      {"2xtorch.int64=1", "i64[2] [1 1]"},
  };
  for (size_t i = 0; i < sizeof(kGood) / sizeof(kGood[0]); ++i) {
    pt2__tensor_list_t list = {0};
    pt2__text_t text = {0};
    if (pt2__spec_load(kGood[i].spec, &list) != 0) {
      fail_msg("%s: %s", kGood[i].spec, pt2__tool_error());
    }
    assert_int_equal(list.count, 1);
    describe(list.items[0], &text);
    assert_string_equal(text.data, kGood[i].wanted);
    pt2__text_free(&text);
    pt2__tensor_list_free(&list);
  }
}

static void test_bad_specs(void** state) {
  (void)state;
  static const struct {
    const char* spec;
    const char* error;
  } kBad[] = {
      {"", "'' is no dtype"},
      {"2x3", "a type is written as 2x3xf32"},
      {"2x3x", "'' is no dtype"},
      {"2x3xg32", "'g32' is no dtype"},
      {"?x3xf32", "'?x3xf32' is no dtype"},
      {"-1xf32", "'-1xf32' is no dtype"},
      {"x3xf32", "is no dtype"},
      {"99999999999999999999xf32", "a type is written as"},
      {"4294967296x4294967296xf32", "the shape is too large"},
      {"2x3xf32=1 2", "2 values for 6 elements"},
      {"2x3xf32=1 2 3 4 5 6 7", "7 values for 6 elements"},
      {"2x3xf32=", "0 values for 6 elements"},
      {"0xf32=1 2", "2 values for 0 elements"},
      {"2xf32=1 a", "'a' is no value of f32"},
      {"1xf32=1.2.3", "'1.2.3' is no value of f32"},
      {"1xf32=1e99", "'1e99' is no value of f32"},
      {"1xf16=1e5", "'1e5' is no value of f16"},
      {"1xf64=1e999", "'1e999' is no value of f64"},
      {"1xi32=1.5", "'1.5' is no value of i32"},
      {"1xu8=256", "'256' is no value of u8"},
      {"1xu8=-1", "'-1' is no value of u8"},
      {"1xi8=128", "'128' is no value of i8"},
      {"1xi64=9223372036854775808", "is no value of i64"},
      {"1xu64=18446744073709551616", "is no value of u64"},
      {"1xbool=2", "'2' is no value of bool"},
      {"1xcomplex64=1+2", "'1+2' is no value of c64"},
      {"1xcomplex64=1+2jj", "is no value of c64"},
      {"1xf32=0000000000000000000000000000000000000000000000000000000000000000"
       "0000000000000000000000000000000000000000000000000000000000000000000001",
       "...' is no value of f32"},
      {"1xf4e2m1fnx2=1", "'1' is no value of"},
  };
  for (size_t i = 0; i < sizeof(kBad) / sizeof(kBad[0]); ++i) {
    pt2__tensor_list_t list = {0};
    int result = pt2__spec_load(kBad[i].spec, &list);
    if (result != PT2__EXIT_USAGE ||
        strstr(pt2__tool_error(), kBad[i].error) == NULL) {
      fail_msg("'%s': exit %d, '%s'", kBad[i].spec, result, pt2__tool_error());
    }
    assert_int_equal(list.count, 0);
    pt2__tensor_list_free(&list);
    pt2__tool_error_clear();
  }
  char deep[512] = "";
  for (int i = 0; i < 65; ++i) {
    strcat(deep, "1x");
  }
  strcat(deep, "f32");
  pt2__tensor_list_t list = {0};
  assert_int_equal(pt2__spec_load(deep, &list), PT2__EXIT_USAGE);
}

static void test_raw_file(void** state) {
  (void)state;
  char path[] = "/tmp/pt2-spec-XXXXXX";
  int file = mkstemp(path);
  assert_true(file >= 0);
  assert_int_equal(write(file, "\1\0\2\0\xff\xff", 6), 6);
  close(file);
  char spec[64];
  pt2__tensor_list_t list = {0};
  snprintf(spec, sizeof(spec), "3xi16=@%s", path);
  assert_int_equal(pt2__spec_load(spec, &list), 0);
  const int16_t* data = pt2_tensor_peek_data(list.items[0]);
  assert_int_equal(data[0], 1);
  assert_int_equal(data[2], -1);
  snprintf(spec, sizeof(spec), "2xi16=@%s", path);
  assert_int_equal(pt2__spec_load(spec, &list), PT2__EXIT_FAILED);
  assert_non_null(strstr(pt2__tool_error(), "takes 4 bytes, 6 are there"));
  pt2__tool_error_clear();
  assert_int_equal(pt2__spec_load("2xi16=@/no/such", &list), PT2__EXIT_FAILED);
  pt2__tensor_list_free(&list);
  unlink(path);
}

static void test_key_order(void** state) {
  (void)state;
  static const char* const kKeys[] = {"10", "b", "2", "arr_10", "arr_2",
                                      "0",  "a", "1", "arr_02", ""};
  static const char* const kSorted[] = {"0", "1",      "2",     "10",     "",
                                        "a", "arr_02", "arr_2", "arr_10", "b"};
  pt2__tensor_list_t list = {0};
  for (size_t i = 0; i < 10; ++i) {
    pt2__tensor_list_add(&list, NULL, kKeys[i]);
  }
  pt2__tensor_list_sort(&list);
  for (size_t i = 0; i < 10; ++i) {
    assert_string_equal(list.keys[i], kSorted[i]);
  }
  pt2__tensor_list_free(&list);
  size_t index = 0;
  assert_true(pt2__key_index("17", &index));
  assert_int_equal(index, 17);
  assert_false(pt2__key_index("", &index));
  assert_false(pt2__key_index("01", &index));
  assert_false(pt2__key_index("-1", &index));
  assert_false(pt2__key_index("1a", &index));
  assert_false(pt2__key_index("99999999999999999999", &index));
}

static void test_random_tensors(void** state) {
  (void)state;
  static const pt2_dtype_t kFloats[] = {PT2_DTYPE_F16, PT2_DTYPE_BF16,
                                        PT2_DTYPE_F32, PT2_DTYPE_F64};
  const int64_t sizes[] = {50, 20};
  for (size_t i = 0; i < 4; ++i) {
    uint64_t state_a = 7;
    pt2_tensor_t* tensor = NULL;
    assert_int_equal(
        pt2__random_tensor("x", kFloats[i], 2, sizes, 1, &state_a, &tensor), 0);
    pt2__reader_t reader;
    pt2__statistics_t statistics;
    assert_int_equal(pt2__reader_init(kFloats[i], &reader), 0);
    pt2__tensor_statistics(&reader, tensor, &statistics);
    assert_true(statistics.min >= -1 && statistics.min < -0.9);
    assert_true(statistics.max <= 1 && statistics.max > 0.9);
    assert_true(fabs(statistics.mean) < 0.1);
    pt2_tensor_release(tensor);
  }
  static const struct {
    pt2_dtype_t dtype;
    int64_t input_max;
    double max;
  } kIntegers[] = {{PT2_DTYPE_I64, 1, 1},     {PT2_DTYPE_I32, 9, 9},
                   {PT2_DTYPE_U8, 9999, 255}, {PT2_DTYPE_I8, 9999, 127},
                   {PT2_DTYPE_I64, 0, 0},     {PT2_DTYPE_BOOL, 99, 1}};
  for (size_t i = 0; i < 6; ++i) {
    uint64_t state_a = 0;
    const int64_t many[] = {5000};
    pt2_tensor_t* tensor = NULL;
    assert_int_equal(
        pt2__random_tensor("x", kIntegers[i].dtype, 1, many,
                           kIntegers[i].input_max, &state_a, &tensor),
        0);
    pt2__reader_t reader;
    pt2__statistics_t statistics;
    assert_int_equal(pt2__reader_init(kIntegers[i].dtype, &reader), 0);
    pt2__tensor_statistics(&reader, tensor, &statistics);
    assert_true(statistics.min == 0);
    assert_true(statistics.max == kIntegers[i].max);
    pt2_tensor_release(tensor);
  }
}

// The same seed gives the same numbers.
static void test_random_is_repeatable(void** state) {
  (void)state;
  const int64_t sizes[] = {4};
  uint64_t seed = 42;
  pt2_tensor_t* first = NULL;
  pt2_tensor_t* second = NULL;
  assert_int_equal(
      pt2__random_tensor("x", PT2_DTYPE_F32, 1, sizes, 1, &seed, &first), 0);
  seed = 42;
  assert_int_equal(
      pt2__random_tensor("x", PT2_DTYPE_F32, 1, sizes, 1, &seed, &second), 0);
  assert_memory_equal(pt2_tensor_peek_data(first), pt2_tensor_peek_data(second),
                      16);
  pt2_tensor_release(first);
  pt2_tensor_release(second);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_specs, clear_error),
      cmocka_unit_test_setup(test_bad_specs, clear_error),
      cmocka_unit_test_setup(test_raw_file, clear_error),
      cmocka_unit_test_setup(test_key_order, clear_error),
      cmocka_unit_test_setup(test_random_tensors, clear_error),
      cmocka_unit_test_setup(test_random_is_repeatable, clear_error),
  };
  return cmocka_run_group_tests(tests, NULL, free_tables);
}
