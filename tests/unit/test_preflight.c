// SPDX-License-Identifier: Apache-2.0
//
// Preflight: each thing that keeps a model from running here is found by name
// before any of its code runs. The model is that of the digits example, beside
// side files and with single names in its tables changed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/cpu/kernels/linalg/lapack.h"
#include "base/memory.h"
#include "loader/x86_scan.h"
#include "package/package.h"
#include "pt2/pt2.h"
#include "runner/preflight.h"
#include "shim/op_need.h"

static pt2_package_t* digits_package;
static pt2__bytes_t digits;
static char folder[] = "/tmp/pt2-preflight-XXXXXX";
static char so_path[128];
static char metadata_path[128];
static char nodes_path[128];

static int setup(void** state) {
  (void)state;
  if (pt2_package_open(PT2_TEST_DATA "/../examples/digits/digits.pt2", NULL,
                       &digits_package) != PT2_STATUS_OK ||
      mkdtemp(folder) == NULL) {
    fprintf(stderr, "%s\n", pt2_error_message());
    return 1;
  }
  digits = pt2__package_model_files(digits_package, 0)->so;
  snprintf(so_path, sizeof(so_path), "%s/net.wrapper.so", folder);
  snprintf(metadata_path, sizeof(metadata_path), "%s/net.wrapper_metadata.json",
           folder);
  snprintf(nodes_path, sizeof(nodes_path), "%s/net.wrapper.json", folder);
  return 0;
}

static int teardown(void** state) {
  (void)state;
  unlink(so_path);
  unlink(metadata_path);
  unlink(nodes_path);
  rmdir(folder);
  pt2_package_release(digits_package);
  return 0;
}

static void write_file(const char* path, const void* data, size_t bytes) {
  FILE* file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(data, 1, bytes, file), bytes);
  assert_int_equal(fclose(file), 0);
}

static void replace(uint8_t* data, const char* from, const char* to) {
  size_t length = strlen(from);
  assert_int_equal(strlen(to), length);
  unsigned changed = 0;
  for (size_t i = 0; i + length < digits.size_bytes; ++i) {
    if (memcmp(data + i, from, length + 1) == 0) {
      memcpy(data + i, to, length);
      ++changed;
    }
  }
  assert_true(changed > 0);
}

static uint32_t version_hash(const char* name) {
  uint32_t hash = 0;
  for (; *name != '\0'; ++name) {
    hash = (hash << 4) + (uint8_t)*name;
    uint32_t high = hash & UINT32_C(0xf0000000);
    hash = (hash ^ (high >> 24)) & ~high;
  }
  return hash;
}

// The hash beside a version's name.
static void replace_hash(uint8_t* data, const char* from, const char* to) {
  uint32_t before = version_hash(from);
  uint32_t after = version_hash(to);
  unsigned changed = 0;
  for (size_t i = 0; i + sizeof(before) <= digits.size_bytes; i += 4) {
    if (memcmp(data + i, &before, sizeof(before)) == 0) {
      memcpy(data + i, &after, sizeof(after));
      ++changed;
    }
  }
  assert_int_equal(changed, 1);
}

// A copy of the model's .so. Its operators become ones that need no third
// party, so that every build has them.
static uint8_t* copy_of_digits(void) {
  uint8_t* data = malloc(digits.size_bytes);
  memcpy(data, digits.data, digits.size_bytes);
  replace(data, "aoti_torch_cpu_addmm_out", "aoti_torch_cpu_rand_like");
  return data;
}

// The digits model as a bare .so with the given side files (NULL: none) and
// every |from| in it changed to |to|, which is as long.
static pt2_package_t* make_package(const char* metadata, const char* nodes,
                                   const char* from, const char* to) {
  uint8_t* data = copy_of_digits();
  if (from != NULL) {
    replace(data, from, to);
    if (strncmp(from, "GLIBCXX_", 8) == 0) {
      replace_hash(data, from, to);
    }
  }
  write_file(so_path, data, digits.size_bytes);
  free(data);
  unlink(metadata_path);
  unlink(nodes_path);
  if (metadata != NULL) {
    write_file(metadata_path, metadata, strlen(metadata));
  }
  if (nodes != NULL) {
    write_file(nodes_path, nodes, strlen(nodes));
  }
  pt2_package_t* package = NULL;
  if (pt2_package_open(so_path, NULL, &package) != PT2_STATUS_OK) {
    fail_msg("%s", pt2_error_message());
  }
  return package;
}

static pt2_preflight_t* report_of(pt2_package_t* package) {
  pt2_preflight_t* report = NULL;
  if (pt2_package_preflight(package, 0, &report) != PT2_STATUS_OK) {
    fail_msg("%s", pt2_error_message());
  }
  return report;
}

static bool find(const pt2_preflight_t* report, const char* kind,
                 const char* subject, pt2_finding_t* out_finding) {
  for (size_t i = 0; i < pt2_preflight_finding_count(report); ++i) {
    assert_int_equal(pt2_preflight_finding_at(report, i, out_finding),
                     PT2_STATUS_OK);
    if (strcmp(out_finding->kind, kind) == 0 &&
        strcmp(out_finding->subject, subject) == 0) {
      return true;
    }
  }
  return false;
}

// The one finding that is expected of the package, and what creating a runner
// would say.
static void expect_error(pt2_package_t* package, const char* kind,
                         const char* subject, pt2_status_t status,
                         const char* words) {
  pt2_preflight_t* report = report_of(package);
  pt2_finding_t finding;
  if (!find(report, kind, subject, &finding)) {
    fail_msg("no finding %s %s", kind, subject);
  }
  assert_int_equal(finding.severity, PT2_FINDING_ERROR);
  assert_int_equal(finding.status, status);
  if (strstr(finding.message, words) == NULL) {
    fail_msg("\"%s\" is not in \"%s\"", words, finding.message);
  }
  assert_false(pt2_preflight_runs(report));
  pt2_preflight_destroy(report);
  pt2_error_clear();
  assert_int_not_equal(pt2__preflight_require(package, 0, false),
                       PT2_STATUS_OK);
  if (strstr(pt2_error_message(), words) == NULL) {
    fail_msg("\"%s\" is not in \"%s\"", words, pt2_error_message());
  }
  pt2_package_release(package);
}

static void test_a_model_that_is_all_here(void** state) {
  (void)state;
  pt2_package_t* package = make_package(NULL, NULL, NULL, NULL);
  pt2_preflight_t* report = report_of(package);
  assert_int_equal(pt2_preflight_import_count(report), 25);
  for (size_t i = 0; i < pt2_preflight_finding_count(report); ++i) {
    pt2_finding_t finding;
    assert_int_equal(pt2_preflight_finding_at(report, i, &finding),
                     PT2_STATUS_OK);
    fail_msg("%s", finding.message);
  }
  assert_int_equal(pt2_preflight_bound_count(report), 25);
  assert_true(pt2_preflight_runs(report));
  pt2_finding_t none;
  assert_int_equal(pt2_preflight_finding_at(report, 0, &none),
                   PT2_STATUS_INVALID_ARGUMENT);
  pt2_preflight_destroy(report);
  assert_int_equal(pt2__preflight_require(package, 0, false), PT2_STATUS_OK);
  pt2_package_release(package);
}

static void test_arguments(void** state) {
  (void)state;
  pt2_preflight_t* report = NULL;
  assert_int_equal(pt2_package_preflight(NULL, 0, &report),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_package_preflight(digits_package, 0, NULL),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_package_preflight(digits_package, 1, &report),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(), "model 1: the package has 1");
  assert_null(report);
  pt2_preflight_destroy(NULL);
}

static void test_other_machine_platform_device(void** state) {
  (void)state;
  expect_error(make_package("{\"AOTI_DEVICE_KEY\": \"cpu\","
                            " \"AOTI_MACHINE\": \"riscv64\"}",
                            NULL, NULL, NULL),
               "architecture", "riscv64", PT2_STATUS_INCOMPATIBLE, "riscv64");
  expect_error(
      make_package("{\"AOTI_PLATFORM\": \"darwin\"}", NULL, NULL, NULL),
      "platform", "darwin", PT2_STATUS_INCOMPATIBLE,
      "compiled for darwin; this is linux");
  expect_error(
      make_package("{\"AOTI_DEVICE_KEY\": \"toaster\"}", NULL, NULL, NULL),
      "device", "toaster", PT2_STATUS_INCOMPATIBLE,
      "\"toaster\"; there are runners for: cpu");
  // The same machine under another system's name is no reason to refuse.
#if defined(__x86_64__)
  pt2_package_t* package =
      make_package("{\"AOTI_MACHINE\": \"AMD64\"}", NULL, NULL, NULL);
  pt2_preflight_t* report = report_of(package);
  pt2_finding_t finding;
  assert_false(find(report, "architecture", "AMD64", &finding));
  pt2_preflight_destroy(report);
  pt2_package_release(package);
#endif
}

static void test_foreign_code(void** state) {
  (void)state;
  uint8_t* data = copy_of_digits();
  data[18] = 183;  // e_machine: aarch64
  write_file(so_path, data, digits.size_bytes);
  unlink(metadata_path);
  unlink(nodes_path);
  pt2_package_t* package = NULL;
  assert_int_equal(pt2_package_open(so_path, NULL, &package), PT2_STATUS_OK);
  expect_error(package, "architecture", "aarch64", PT2_STATUS_INCOMPATIBLE,
               "ELF code for aarch64");
  free(data);
}

static void test_missing_functions(void** state) {
  (void)state;
  expect_error(make_package(NULL, NULL, "aoti_torch_cpu_convolution",
                            "aoti_torch_cpu_convolutiox"),
               "function", "aoti_torch_cpu_convolutiox", PT2_STATUS_UNSUPPORTED,
               "aoti_torch_cpu_convolutiox");
  expect_error(make_package(NULL, NULL, "Sleef_expf8_u10", "Sleef_expf8_u99"),
               "vector-function", "Sleef_expf8_u99", PT2_STATUS_UNSUPPORTED,
               "Sleef_expf8_u99");
  expect_error(make_package(NULL, NULL, "aoti_torch_create_tensor_from_blob",
                            "_ZN3c1022some_calls_of_libtorchEil"),
               "cxx-import", "c10::some_calls_of_libtorch(int, long)",
               PT2_STATUS_UNSUPPORTED,
               "c10::some_calls_of_libtorch(int, long)");
}

static void test_operators_are_listed(void** state) {
  (void)state;
  pt2_package_t* package = make_package(
      NULL,
      "{\"nodes\": ["
      "{\"name\": \"a\", \"node\": {\"target\": \"aten::nothing_like_it\"}},"
      "{\"name\": \"b\", \"node\": {\"target\": \"aten::nor_this\"}},"
      "{\"name\": \"c\", \"node\": {\"target\": \"mine::scale.out\"}},"
      "{\"name\": \"d\", \"node\": {\"target\": \"mine::scale.out\"}}]}",
      NULL, NULL);
  pt2_preflight_t* report = report_of(package);
  assert_int_equal(pt2_preflight_finding_count(report), 3);
  pt2_finding_t finding;
  assert_true(find(report, "operator", "aten::nor_this", &finding));
  pt2_preflight_destroy(report);
  assert_int_equal(pt2__preflight_require(package, 0, false),
                   PT2_STATUS_UNSUPPORTED);
  assert_non_null(strstr(pt2_error_message(),
                         "the model needs 2 operators that this library does "
                         "not have: aten::nothing_like_it, aten::nor_this"));
  expect_error(package, "custom-op", "mine::scale.out", PT2_STATUS_UNSUPPORTED,
               "custom operator mine::scale.out is not registered");
}

static pt2_status_t no_op(void* user, const pt2_value_t* arguments,
                          size_t argument_count, pt2_tensor_t** results,
                          size_t result_count) {
  (void)user, (void)arguments, (void)argument_count;
  (void)results, (void)result_count;
  return PT2_STATUS_OK;
}

static void test_registered_operators_are_here(void** state) {
  (void)state;
  assert_int_equal(pt2_op_register("mine::known", no_op, NULL), PT2_STATUS_OK);
  pt2_package_t* package = make_package(
      NULL, "{\"nodes\": [{\"node\": {\"target\": \"mine::known.default\"}}]}",
      NULL, NULL);
  pt2_preflight_t* report = report_of(package);
  assert_int_equal(pt2_preflight_finding_count(report), 0);
  pt2_preflight_destroy(report);
  pt2_package_release(package);
}

// Operators that are here, but not the library that they call.
static void test_library_of_an_operator(void** state) {
  (void)state;
  static const char* const nowhere[] = {"libpt2-no-such-lapack.so.0", NULL};
  static const char nodes[] =
      "{\"nodes\": [{\"node\": {\"target\": \"aten::_linalg_eigh.default\"}}, "
      "{\"node\": {\"target\": \"aten::_linalg_svd\"}}]}";
  pt2__lapack_override(nowhere);
  assert_non_null(pt2__op_need_missing("aten::linalg_eig"));
  assert_null(pt2__op_need_missing("aten::linalg_eig2"));
  assert_null(pt2__op_need_missing("aten::geqrf"));
  pt2_package_t* package = make_package(NULL, nodes, NULL, NULL);
  assert_int_equal(pt2__preflight_require(package, 0, false),
                   PT2_STATUS_UNSUPPORTED);
  assert_non_null(strstr(pt2_error_message(),
                         "2 operators whose library is not installed: "
                         "aten::_linalg_eigh.default, aten::_linalg_svd"));
  pt2_package_release(package);
  expect_error(
      make_package(NULL,
                   "{\"nodes\": [{\"node\": {\"target\": "
                   "\"aten::_linalg_eigh.default\"}}]}",
                   NULL, NULL),
      "operator-library", "aten::_linalg_eigh.default", PT2_STATUS_UNSUPPORTED,
      "operator aten::_linalg_eigh.default needs OpenBLAS, which is not "
      "installed: apt install libopenblas0");
  pt2__lapack_override(NULL);
  if (pt2__lapack_missing() == NULL) {
    package = make_package(NULL, nodes, NULL, NULL);
    pt2_preflight_t* report = report_of(package);
    assert_int_equal(pt2_preflight_finding_count(report), 0);
    pt2_preflight_destroy(report);
    pt2_package_release(package);
  }
}

static void test_damaged_nodes(void** state) {
  (void)state;
  static const char* const nodes[] = {
      "{\"nodes\": [",
      "{\"nodes\": [{\"node\": 7}]}",
      "{\"nodes\": [{\"node\": {\"target\": 7}}]}",
  };
  for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); ++i) {
    pt2_package_t* package = make_package(NULL, nodes[i], NULL, NULL);
    pt2_preflight_t* report = NULL;
    assert_int_equal(pt2_package_preflight(package, 0, &report),
                     PT2_STATUS_CORRUPT);
    assert_non_null(strstr(pt2_error_message(), "external operator"));
    assert_null(report);
    pt2_package_release(package);
  }
}

static void test_versions_of_libraries(void** state) {
  (void)state;
  expect_error(make_package(NULL, NULL, "GLIBCXX_3.4.30", "GLIBCXX_9.4.30"),
               "library-version", "GLIBCXX_9.4.30", PT2_STATUS_INCOMPATIBLE,
               "GLIBCXX_9.4.30 of libstdc++.so.6; the one here goes up to "
               "GLIBCXX_3.4.");
}

#if defined(__x86_64__)
static void test_instructions(void** state) {
  (void)state;
  uint8_t* data = copy_of_digits();
  Elf64_Ehdr header;
  memcpy(&header, data, sizeof(header));
  size_t text = 0;
  size_t largest = 0;
  for (int i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section;
    memcpy(&section, data + header.e_shoff + (size_t)i * sizeof(section),
           sizeof(section));
    if ((section.sh_flags & SHF_EXECINSTR) != 0 && section.sh_size > largest) {
      largest = section.sh_size;
      text = section.sh_offset;
    }
  }
  memcpy(data + text, "\x62\xf2\x7d\x48\x50\xc1", 6);  // vpdpbusd zmm
  write_file(so_path, data, digits.size_bytes);
  free(data);
  // What the metadata says is not what the code does.
  const char metadata[] = "{\"AOTI_CPU_ISA\": \"AVX2\"}";
  write_file(metadata_path, metadata, sizeof(metadata) - 1);
  unlink(nodes_path);
  pt2_package_t* package = NULL;
  assert_int_equal(pt2_package_open(so_path, NULL, &package), PT2_STATUS_OK);
  pt2_preflight_t* report = report_of(package);
  pt2_finding_t finding;
  uint32_t here = pt2__x86_features_here();
  assert_int_equal(find(report, "cpu-isa", "AVX512_VNNI", &finding),
                   (here & PT2__X86_AVX512_VNNI) == 0);
  assert_int_equal(find(report, "cpu-isa", "AVX512", &finding),
                   (here & PT2__X86_AVX512) == 0);
  assert_int_equal(pt2_preflight_runs(report),
                   (here & PT2__X86_AVX512_VNNI) != 0);
  pt2_preflight_destroy(report);
  pt2_package_release(package);
  // Compiled for more than this CPU has, but not using it: it runs.
  package =
      make_package("{\"AOTI_CPU_ISA\": \"AVX512 AMX_TILE\"}", NULL, NULL, NULL);
  report = report_of(package);
  assert_true(pt2_preflight_runs(report));
  if ((here & PT2__X86_AMX) == 0) {
    assert_true(find(report, "cpu-isa", "AVX512 AMX_TILE", &finding));
    assert_int_equal(finding.severity, PT2_FINDING_INFO);
  }
  pt2_preflight_destroy(report);
  pt2_package_release(package);
}
#endif

static void test_every_allocation_may_fail(void** state) {
  (void)state;
  pt2_package_t* package = make_package(
      NULL, "{\"nodes\": [{\"node\": {\"target\": \"mine::scale\"}}]}",
      "aoti_torch_cpu_convolution", "aoti_torch_cpu_convolutiox");
  unsigned failures = 0;
  for (uint64_t nth = 1; nth < 200; ++nth) {
    pt2_preflight_t* report = NULL;
    pt2__fault_set(nth, false);
    pt2_status_t status = pt2_package_preflight(package, 0, &report);
    uint64_t seen = pt2__fault_set(0, false);
    if (status == PT2_STATUS_OK) {
      pt2_preflight_destroy(report);
      assert_true(seen < nth);
      break;
    }
    assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
    assert_null(report);
    ++failures;
  }
  assert_true(failures >= 6);
  pt2_package_release(package);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_model_that_is_all_here),
    cmocka_unit_test(test_arguments),
    cmocka_unit_test(test_other_machine_platform_device),
    cmocka_unit_test(test_foreign_code),
    cmocka_unit_test(test_missing_functions),
    cmocka_unit_test(test_operators_are_listed),
    cmocka_unit_test(test_registered_operators_are_here),
    cmocka_unit_test(test_library_of_an_operator),
    cmocka_unit_test(test_damaged_nodes),
    cmocka_unit_test(test_versions_of_libraries),
#if defined(__x86_64__)
    cmocka_unit_test(test_instructions),
#endif
    cmocka_unit_test(test_every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
