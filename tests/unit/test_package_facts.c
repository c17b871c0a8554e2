// SPDX-License-Identifier: Apache-2.0
//
// Facts from the wrapper's text, part by part: what is plain is told, what is
// missing, unclear or contradicts itself is unknown.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "pt2/package.h"
#include "support/zip_writer.h"

// A text in the form of torch's, with the parts that a test changes.
typedef struct {
  const char* counts;
  const char* constructor;
  const char* checks;
  const char* body;
} text_t;

static pt2_package_t* open_text(text_t parts) {
  char text[8192];
  int length = snprintf(
      text, sizeof(text),
      "AOTInductorModel::AOTInductorModel(std::shared_ptr<ConstantMap> map)\n"
      "    : AOTInductorModelBase(%s,\n        device_str,\n"
      "        std::move(cubin_dir),\n        true) {\n%s"
      "    this->kernels_ = std::make_unique<AOTInductorModelKernels>();\n}\n"
      "%s"
      "void AOTInductorModel::run_impl(\n    AtenTensorHandle* input_handles) "
      "{\n%s} // AOTInductorModel::run_impl\n",
      parts.counts, parts.constructor, parts.checks ? parts.checks : "",
      parts.body ? parts.body : "");
  assert_true(length > 0 && (size_t)length < sizeof(text));
  const zip_item_t items[] = {
      {.name = "data/aotinductor/model/x.wrapper.so", .data = "-"},
      {.name = "data/aotinductor/model/x.wrapper.cpp", .data = text},
  };
  zip_bytes_t bytes = zip_make(items, 2, (zip_options_t){0});
  pt2_package_t* package = NULL;
  pt2_status_t status =
      pt2_package_open_memory(bytes.data, bytes.size, NULL, &package);
  if (status != PT2_STATUS_OK) {
    print_message("%s\n", pt2_error_message());
  }
  assert_int_equal(status, PT2_STATUS_OK);
  // Facts are copies: the bytes may go.
  memset(bytes.data, 0, bytes.size);
  free(bytes.data);
  return package;
}

static pt2_value_info_t input(const pt2_package_t* package, size_t index) {
  pt2_value_info_t info;
  assert_int_equal(pt2_package_input_info(package, 0, index, &info), 0);
  return info;
}

static pt2_value_info_t output(const pt2_package_t* package, size_t index) {
  pt2_value_info_t info;
  assert_int_equal(pt2_package_output_info(package, 0, index, &info), 0);
  return info;
}

#define LEAF "{\"type\": null, \"context\": null, \"children_spec\": []}"
#define ARGS(leaves)                                                 \
  "[1, {\"type\": \"builtins.tuple\", \"context\": \"null\", "       \
  "\"children_spec\": [{\"type\": \"builtins.tuple\", \"context\": " \
  "\"null\", \"children_spec\": [" leaves                            \
  "]}, {\"type\": "                                                  \
  "\"builtins.dict\", \"context\": \"[]\", \"children_spec\": []}]}]"

#define NAMED_0 "    inputs_info_[0].name = \"arg0_1\";\n"
#define NAMED_OUT "    outputs_info_[0].name = \"output0\";\n"

#define BEGIN(name, index) \
  "    ConstantHandle " name " = ConstantHandle(input_handles[" index "]);\n"
#define DTYPE(name, dtype) \
  "    int32_t " name "_expected_dtype = aoti_torch_dtype_" dtype "();\n"
#define SIZES(name) "    auto " name "_size = " name ".sizes();\n"
#define STRIDES(name) "    auto " name "_stride = " name ".strides();\n"

static void test_contradictions(void** state) {
  (void)state;
  static const text_t texts[] = {
      {"2, 1, 0", NAMED_0 NAMED_OUT, NULL, NULL},
      {"1, 1, 0", NAMED_0 NAMED_0 NAMED_OUT, NULL, NULL},
      {"1, 1, 1", NAMED_0 NAMED_OUT, NULL, NULL},
      {"1, 1, 0", NAMED_0, NULL, NULL},
      {"1, 1, 0", "    inputs_info_[1].name = \"a\";\n" NAMED_OUT, NULL, NULL},
      {"1, 1, 0", "    inputs_info_[0].name = \"a\\q\";\n" NAMED_OUT, NULL,
       NULL},
      {"99999999999, 1, 0", NAMED_0 NAMED_OUT, NULL, NULL},
      {"-1, 1, 0", NAMED_0 NAMED_OUT, NULL, NULL},
      {"x, 1, 0", NAMED_0 NAMED_OUT, NULL, NULL},
      {"1, 1, 0", NAMED_0 NAMED_OUT "    in_spec_ = R\"(never closed;\n", NULL,
       NULL},
  };
  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); ++i) {
    pt2_package_t* package = open_text(texts[i]);
    assert_int_equal(pt2_package_input_count(package, 0), 0);
    assert_int_equal(pt2_package_output_count(package, 0), 0);
    assert_int_equal(pt2_package_constant_count(package, 0), 0);
    pt2_package_release(package);
  }
}

static void test_names(void** state) {
  (void)state;
  static const struct {
    const char* constructor;
    const char* name;
  } cases[] = {
      {NAMED_0 NAMED_OUT, "arg0_1"},
      {NAMED_0 NAMED_OUT "    in_spec_ = R\"(" ARGS(LEAF) ")\";\n", "ARGS[0]"},
      {NAMED_0 NAMED_OUT "    in_spec_ = R\"(not JSON)\";\n", "arg0_1"},
      // Torch cuts long specs into several literals.
      {NAMED_0 NAMED_OUT
       "    in_spec_ =\n    R\"([1, {\"type\": \"builtins.tuple\", \"context\""
       ": \"null\", \"children_spec\": [{\"type\": \"builtins.tu)\"\n"
       "    R\"(ple\", \"context\": \"null\", \"children_spec\": [" LEAF
       "]}, {\"type\": \"builtins.dict\", \"context\": \"[]\", "
       "\"children_spec\": []}]}])\"\n    ;\n",
       "ARGS[0]"},
      // Up to 2.7 they are plain literals.
      {NAMED_0 NAMED_OUT
       "    in_spec_ = \"[1, {\\\"type\\\": \\\"builtins.tuple\\\", "
       "\\\"context\\\": \\\"null\\\", \\\"children_spec\\\": [{\\\"type\\\": "
       "\\\"builtins.tuple\\\", \\\"context\\\": \\\"null\\\", "
       "\\\"children_spec\\\": []}, {\\\"type\\\": \\\"builtins.dict\\\", "
       "\\\"context\\\": \\\"[\\\\\\\"mask\\\\\\\"]\\\", \\\"children_spec\\\":"
       " [{\\\"type\\\": null, \\\"context\\\": null, \\\"children_spec\\\": "
       "[]}]}]}]\";\n",
       "KWARGS[mask]"},
      // More leaves than inputs, and no telling which is meant.
      {NAMED_0 NAMED_OUT "    in_spec_ = R\"(" ARGS(LEAF "," LEAF) ")\";\n",
       "arg0_1"},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    pt2_package_t* package =
        open_text((text_t){"1, 1, 0", cases[i].constructor, NULL, NULL});
    assert_string_equal(input(package, 0).name, cases[i].name);
    assert_string_equal(input(package, 0).internal_name, "arg0_1");
    pt2_package_release(package);
  }
  // The placeholders' numbers tell that the second of three is none.
  pt2_package_t* package = open_text(
      (text_t){"2, 1, 0",
               "    inputs_info_[0].name = \"arg4_1\";\n"
               "    inputs_info_[1].name = \"arg6_1\";\n" NAMED_OUT
               "    in_spec_ = R\"(" ARGS(LEAF "," LEAF "," LEAF) ")\";\n",
               NULL, NULL});
  assert_string_equal(input(package, 0).name, "ARGS[0]");
  assert_string_equal(input(package, 1).name, "ARGS[2]");
  pt2_package_release(package);
}

static void expect_input(const char* checks, const char* body, int32_t rank,
                         pt2_dtype_t dtype) {
  pt2_package_t* package =
      open_text((text_t){"1, 1, 0", NAMED_0 NAMED_OUT, checks, body});
  assert_int_equal(input(package, 0).rank, rank);
  assert_int_equal(input(package, 0).dtype, dtype);
  pt2_package_release(package);
}

static void test_checks(void** state) {
  (void)state;
#define WHOLE \
  BEGIN("arg0_1", "0") DTYPE("arg0_1", "int64") SIZES("arg0_1")          \
  "    if (8 != arg0_1_size[0]) {\n"                                     \
  "    if (arg0_1_size[1] < 2) {\n" STRIDES("arg0_1")                    \
  "    if (1 != arg0_1_stride[1]) {\n"
  const char* body = "    output_handles[0] = x.release();\n";
  expect_input(WHOLE, body, 2, PT2_DTYPE_I64);
  // Scalars: no sizes to check.
  expect_input(BEGIN("arg0_1", "0") DTYPE("arg0_1", "bool") SIZES("arg0_1")
                   STRIDES("arg0_1"),
               body, 0, PT2_DTYPE_BOOL);
  // Cut before the strides, checks of another input, an unknown dtype.
  expect_input(BEGIN("arg0_1", "0") DTYPE("arg0_1", "int8")
                   SIZES("arg0_1") "    if (8 != arg0_1_size[0]) {\n",
               body, -1, PT2_DTYPE_I8);
  expect_input(BEGIN("arg0_1", "1") DTYPE("arg0_1", "int8"), body, -1,
               PT2_DTYPE_UNDEFINED);
  expect_input(BEGIN("other", "0") DTYPE("other", "int8"), body, -1,
               PT2_DTYPE_UNDEFINED);
  expect_input(BEGIN("arg0_1", "0") DTYPE("arg0_1", "int7") SIZES("arg0_1")
                   STRIDES("arg0_1"),
               body, 0, PT2_DTYPE_UNDEFINED);
  // Bounds that cross, and a bound that is no number.
  expect_input(WHOLE "    if (arg0_1_size[1] > 1) {\n", body, -1,
               PT2_DTYPE_I64);
  expect_input(WHOLE "    if (arg0_1_size[1] > int_oo) {\n", body, -1,
               PT2_DTYPE_I64);
  expect_input(WHOLE "    if (9 != arg0_1_size[0]) {\n", body, -1,
               PT2_DTYPE_I64);
  expect_input(WHOLE "    if (9 != arg0_1_size[99]) {\n", body, -1,
               PT2_DTYPE_I64);
  // The assertion of torch >= 2.13 must agree on the rank.
  expect_input(WHOLE,
               "    assert_size_stride(arg0_1, {8L}, {1L}, \"input\");\n", -1,
               PT2_DTYPE_I64);
  expect_input(WHOLE,
               "    if (_check_aoti_runtime_check_inputs_env()) { "
               "assert_size_stride(arg0_1, {8L, 2L*s5}, {s7, 1L}, \"input\"); "
               "}\n",
               2, PT2_DTYPE_I64);
#undef WHOLE
}

static void test_symbols(void** state) {
  (void)state;
  pt2_package_t* package = open_text((text_t){
      "1, 1, 0", NAMED_0 NAMED_OUT,
      BEGIN("arg0_1", "0") SIZES(
          "arg0_1") "    if (arg0_1_size[0] < 2) {\n"
                    "    if (arg0_1_size[1] > 9223372036854775807) {\n" STRIDES(
                        "arg0_1"),
      "    int64_t s5 = arg0_1.sizes()[0];\n"
      "    assert_size_stride(arg0_1, {s5, 2L*s6}, {1L, 1L}, \"\");\n"
      "    const int64_t int_array_0[] = {2L*s6, s5 + 3L, s5};\n"
      "    static constexpr int64_t int_array_1[] = {3L, 2L, 1L, };\n"
      "    AOTI_TORCH_ERROR_CODE_CHECK(aoti_torch_empty_strided(3, "
      "int_array_0, int_array_1, cached_torch_dtype_bfloat16, "
      "cached_torch_device_type_cuda, 0, &b_handle));\n"
      "    RAIIAtenTensorHandle b(b_handle);\n"
      "    output_handles[0] = b.release();\n"});
  pt2_value_info_t in = input(package, 0);
  assert_string_equal(in.dims[0].symbol, "s5");
  assert_int_equal(in.dims[0].min, 2);
  assert_string_equal(in.dims[1].symbol, "2*s6");
  assert_int_equal(in.dims[1].max, INT64_MAX);
  assert_int_equal(in.dims[1].stride, PT2_STRIDE_ANY);
  pt2_value_info_t out = output(package, 0);
  assert_int_equal(out.rank, 3);
  assert_int_equal(out.dtype, PT2_DTYPE_BF16);
  assert_int_equal(out.device_type, PT2_DEVICE_CUDA);
  assert_string_equal(out.dims[0].symbol, "2*s6");
  assert_string_equal(out.dims[1].symbol, "s5 + 3");
  assert_int_equal(out.dims[1].min, 0);
  assert_int_equal(out.dims[2].min, 2);
  assert_int_equal(out.dims[2].stride, 1);
  pt2_package_release(package);
}

#define CONSTANT                                                             \
  "    constants_info_[0].name = \"w\";\n"                                   \
  "    constants_info_[0].dtype = "                                          \
  "static_cast<int32_t>(cached_torch_dtype_float8_e4m3fn);\n"                \
  "    constants_info_[0].data_size = 64;\n"                                 \
  "    constants_info_[0].from_folded = false;\n"                            \
  "    constants_info_[0].type = "                                           \
  "static_cast<int32_t>(torch::aot_inductor::ConstantType::FoldedConstant);" \
  "\n    constants_info_[0].shape = {4, 2};\n"                               \
  "    constants_info_[0].stride = {2, 1};\n"                                \
  "    constants_info_[0].original_fqn = \"m.w\";\n"

// What an output is when |body| sets it; |rank| -1 for unknown.
static void expect_output(const char* body, int32_t rank, pt2_dtype_t dtype) {
  pt2_package_t* package = open_text((text_t){
      "1, 1, 1", NAMED_0 NAMED_OUT CONSTANT,
      BEGIN("arg0_1", "0") DTYPE("arg0_1", "int32")
          SIZES("arg0_1") "    if (3 != arg0_1_size[0]) {\n" STRIDES("arg0_1"),
      body});
  assert_int_equal(output(package, 0).rank, rank);
  assert_int_equal(output(package, 0).dtype, dtype);
  pt2_package_release(package);
}

static void test_outputs(void** state) {
  (void)state;
#define ALLOCATION                                                     \
  "    static constexpr int64_t a[] = {3L, 4L};\n"                     \
  "    static constexpr int64_t b[] = {4L, 1L};\n"                     \
  "    AOTI_TORCH_ERROR_CODE_CHECK(aoti_torch_empty_strided(2, a, b, " \
  "cached_torch_dtype_float64, cached_torch_device_type_cpu, "         \
  "this->device_idx_, &t0_handle));\n    RAIIAtenTensorHandle "        \
  "t0(t0_handle);\n"
#define RETURN(name) "    output_handles[0] = " name ".release();\n"
  expect_output(ALLOCATION RETURN("t0"), 2, PT2_DTYPE_F64);
  expect_output(ALLOCATION
                "    auto t1 = std::move(t0);  // reuse\n" RETURN("t1"),
                2, PT2_DTYPE_F64);
  expect_output(RETURN("arg0_1"), 1, PT2_DTYPE_I32);
  expect_output(
      "    AOTI_TORCH_ERROR_CODE_CHECK(aoti_torch_clone(w, "
      "&output_handles[0]));\n",
      2, PT2_DTYPE_F8E4M3FN);
  expect_output(ALLOCATION
                "    auto v = wrap_with_raii_handle_if_needed("
                "reinterpret_tensor_wrapper(t0, 3, {3L, 2L, 2L}, {4L, 2L, 1L}, "
                "0L));\n" RETURN("v"),
                3, PT2_DTYPE_F64);
  expect_output(
      "    assert_size_stride(k, {1L, 2L}, {2L, 1L}, \"op\", "
      "cached_torch_dtype_int16, \"\");\n" RETURN("k"),
      2, PT2_DTYPE_I16);
  // Unknown: no definition, a circle, two definitions, lists that differ.
  expect_output(RETURN("k"), -1, PT2_DTYPE_UNDEFINED);
  expect_output(
      "    auto k = std::move(l);\n    auto l = std::move(k);\n" RETURN("k"),
      -1, PT2_DTYPE_UNDEFINED);
  expect_output(ALLOCATION "    auto t0 = std::move(k);\n" RETURN("t0"), -1,
                PT2_DTYPE_UNDEFINED);
  expect_output(
      "    static constexpr int64_t a[] = {3L};\n" ALLOCATION RETURN("t0"), -1,
      PT2_DTYPE_F64);
  expect_output("", -1, PT2_DTYPE_UNDEFINED);
#undef ALLOCATION
#undef RETURN
}

static void test_constants(void** state) {
  (void)state;
  pt2_package_t* package =
      open_text((text_t){"1, 1, 1", NAMED_0 NAMED_OUT CONSTANT, NULL, NULL});
  pt2_constant_info_t constant;
  assert_int_equal(pt2_package_constant_info(package, 0, 0, &constant), 0);
  assert_string_equal(constant.fqn, "m.w");
  assert_int_equal(constant.rank, 2);
  assert_int_equal(constant.sizes[0], 4);
  assert_int_equal(constant.strides[0], 2);
  assert_int_equal(constant.kind, 4);
  assert_int_equal(constant.size_bytes, 64);
  assert_int_equal(pt2_package_constant_info(package, 0, 1, &constant),
                   PT2_STATUS_INVALID_ARGUMENT);
  pt2_package_release(package);
  // Sizes and strides that do not go together.
  package = open_text((text_t){"1, 1, 1",
                               NAMED_0 NAMED_OUT CONSTANT
                               "    constants_info_[0].stride = {2};\n",
                               NULL, NULL});
  assert_int_equal(pt2_package_constant_info(package, 0, 0, &constant), 0);
  assert_int_equal(constant.rank, -1);
  assert_null(constant.sizes);
  pt2_package_release(package);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_contradictions), cmocka_unit_test(test_names),
      cmocka_unit_test(test_checks),         cmocka_unit_test(test_symbols),
      cmocka_unit_test(test_outputs),        cmocka_unit_test(test_constants),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
