// SPDX-License-Identifier: Apache-2.0
//
// What the reader says of packages that stock PyTorch wrote, and of the same
// packages unpacked, from a descriptor and as a bare library.
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "package/package.h"
#include "pt2/package.h"
#include "support/skip.h"

// The code of these packages is for AVX-512, which does not matter here.
#define GOLDEN PT2_TEST_GOLDEN "/avx512/"

static pt2_package_t* open_golden(const char* release, const char* name) {
  char path[512];
  snprintf(path, sizeof(path), GOLDEN "%s/%s.pt2", release, name);
  pt2_package_t* package = NULL;
  pt2_package_options_t options;
  pt2_package_options_init(&options);
  options.verify = true;
  if (pt2_package_open(path, &options, &package) != PT2_STATUS_OK) {
    print_message("%s\n", pt2_error_message());
  }
  assert_non_null(package);
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

static void expect_dim(const pt2_dim_info_t* dim, int64_t min, int64_t max,
                       const char* symbol, int64_t stride) {
  assert_int_equal(dim->min, min);
  assert_int_equal(dim->max, max);
  assert_int_equal(dim->stride, stride);
  if (symbol == NULL) {
    assert_null(dim->symbol);
  } else {
    assert_non_null(dim->symbol);
    assert_string_equal(dim->symbol, symbol);
  }
}

typedef struct {
  const char* release;
  // Told by what the mlp package has; add has no constants to tell more.
  const char* told;
  const char* told_of_add;
} release_t;

static const release_t releases[] = {
    {"2.6.0", "2.6", "2.6"},
    {"2.7.1", "2.7", "2.7"},
    {"2.8.0", "2.8", "2.8 or 2.9"},
    {"2.9.1", "2.9", "2.8 or 2.9"},
    {"2.10.0", "2.10", "2.10 or 2.11"},
    {"2.11.0", "2.11", "2.10 or 2.11"},
    {"2.12.1", "2.12", "2.12"},
    {"2.13.0", "2.13", "2.13"},
    {"2.14.1", "2.14", "2.14"},
    {"2.15.0", "2.15 or later", "2.15 or later"},
};
#define RELEASE_COUNT (sizeof(releases) / sizeof(releases[0]))

static void expect_constant(const pt2_package_t* package, size_t index,
                            const char* name, const char* fqn, int32_t rank,
                            int64_t size_0, int64_t size_bytes) {
  pt2_constant_info_t constant;
  assert_int_equal(pt2_package_constant_info(package, 0, index, &constant), 0);
  assert_string_equal(constant.name, name);
  assert_string_equal(constant.fqn, fqn);
  assert_int_equal(constant.dtype, PT2_DTYPE_F32);
  assert_int_equal(constant.rank, rank);
  assert_int_equal(constant.sizes[0], size_0);
  assert_int_equal(constant.strides[rank - 1], 1);
  assert_int_equal(constant.size_bytes, size_bytes);
  assert_int_equal(constant.kind, 1);
}

static void test_mlp_of_all_releases(void** state) {
  (void)state;
  for (size_t i = 0; i < RELEASE_COUNT; ++i) {
    pt2_package_t* package = open_golden(releases[i].release, "mlp");
    assert_int_equal(pt2_package_model_count(package), 1);
    assert_string_equal(pt2_package_peek_model_name(package, 0), "model");
    assert_string_equal(
        pt2_package_peek_metadata(package, 0, "AOTI_DEVICE_KEY"), "cpu");
    assert_string_equal(pt2_package_peek_torch_release(package, 0),
                        releases[i].told);
    assert_int_equal(pt2_package_input_count(package, 0), 1);
    assert_int_equal(pt2_package_output_count(package, 0), 1);
    pt2_value_info_t in = input(package, 0);
    assert_string_equal(in.name, "ARGS[0]");
    assert_string_equal(in.internal_name, "arg5_1");
    assert_int_equal(in.device_type, PT2_DEVICE_CPU);
    if (i == 0) {
      // 2.6 generates no checks: nothing is sure.
      assert_int_equal(in.rank, -1);
      assert_int_equal(in.dtype, PT2_DTYPE_UNDEFINED);
    } else {
      assert_int_equal(in.dtype, PT2_DTYPE_F32);
      assert_int_equal(in.rank, 2);
      expect_dim(&in.dims[0], 8, 8, NULL, 16);
      expect_dim(&in.dims[1], 16, 16, NULL, 1);
    }
    pt2_value_info_t out = output(package, 0);
    assert_string_equal(out.name, "RESULT");
    assert_string_equal(out.internal_name, "output0");
    assert_int_equal(out.dtype, PT2_DTYPE_F32);
    assert_int_equal(out.rank, 2);
    expect_dim(&out.dims[0], 8, 8, NULL, 4);
    expect_dim(&out.dims[1], 4, 4, NULL, 1);
    assert_int_equal(pt2_package_constant_count(package, 0), 3);
    expect_constant(package, 0, "a_weight", "a.weight", 2, 32, 2048);
    expect_constant(package, 1, "a_bias", "a.bias", 1, 32, 128);
    expect_constant(package, 2, "b_weight", "b.weight", 2, 4, 512);
    assert_int_equal(pt2_package_weights_kind(package, 0), PT2_WEIGHTS_IN_SO);
    assert_int_equal(pt2_package_weights_bytes(package, 0), 2688);
    pt2_package_release(package);
  }
}

static void test_add_of_all_releases(void** state) {
  (void)state;
  for (size_t i = 0; i < RELEASE_COUNT; ++i) {
    pt2_package_t* package = open_golden(releases[i].release, "add");
    assert_string_equal(pt2_package_peek_torch_release(package, 0),
                        releases[i].told_of_add);
    assert_int_equal(pt2_package_constant_count(package, 0), 0);
    assert_int_equal(pt2_package_weights_kind(package, 0), PT2_WEIGHTS_NONE);
    assert_int_equal(pt2_package_weights_bytes(package, 0), 0);
    pt2_package_release(package);
  }
}

static void test_dynamic(void** state) {
  (void)state;
  static const char* const dynamic[] = {"2.8.0", "2.14.1", "2.15.0"};
  for (size_t i = 0; i < 3; ++i) {
    pt2_package_t* package = open_golden(dynamic[i], "mlpdyn");
    pt2_value_info_t in = input(package, 0);
    assert_int_equal(in.rank, 2);
    expect_dim(&in.dims[0], 2, 1024, "s77", 16);
    expect_dim(&in.dims[1], 16, 16, NULL, 1);
    pt2_value_info_t out = output(package, 0);
    expect_dim(&out.dims[0], 2, 1024, "s77", 4);
    expect_dim(&out.dims[1], 4, 4, NULL, 1);
    pt2_package_release(package);
  }
  pt2_package_t* package = open_golden("2.6.0", "mlpdyn");
  assert_int_equal(input(package, 0).rank, -1);
  pt2_value_info_t out = output(package, 0);
  expect_dim(&out.dims[0], 0, INT64_MAX, "s0", 4);
  pt2_package_release(package);
}

static void test_weights(void** state) {
  (void)state;
  for (size_t i = 0; i < RELEASE_COUNT; ++i) {
    pt2_package_t* package = open_golden(releases[i].release, "mlpmmap");
    assert_int_equal(pt2_package_weights_kind(package, 0),
                     PT2_WEIGHTS_APPENDED);
    assert_int_equal(pt2_package_weights_bytes(package, 0), 2688);
    pt2_package_release(package);
    if (i < 4) {
      continue;
    }
    package = open_golden(releases[i].release, "mlpblob2");
    assert_int_equal(pt2_package_weights_kind(package, 0), PT2_WEIGHTS_BLOB);
    assert_int_equal(pt2_package_weights_bytes(package, 0), 2688);
    assert_int_equal(
        pt2__package_model_files(package, 0)->weights_blob.size_bytes, 2688);
    pt2_package_release(package);
  }
  static const char* const without[] = {"2.6.0", "2.8.0", "2.14.1", "2.15.0"};
  for (size_t i = 0; i < 4; ++i) {
    pt2_package_t* package = open_golden(without[i], "mlpnow");
    assert_int_equal(pt2_package_weights_kind(package, 0), PT2_WEIGHTS_MISSING);
    assert_int_equal(pt2_package_weights_bytes(package, 0), 2688);
    pt2_package_release(package);
  }
}

static void test_metadata(void** state) {
  (void)state;
  pt2_package_t* package = open_golden("2.15.0", "mlp");
  assert_int_equal(pt2_package_metadata_count(package, 0), 5);
  const char* key;
  const char* value;
  assert_int_equal(pt2_package_metadata_at(package, 0, 3, &key, &value), 0);
  assert_string_equal(key, "AOTI_CPU_ISA");
  assert_string_equal(value, "AVX512 AVX512_VNNI");
  assert_int_equal(pt2_package_metadata_at(package, 0, 5, &key, &value),
                   PT2_STATUS_INVALID_ARGUMENT);
  pt2_package_release(package);
}

// ---- Packages of the second archive ----------------------------------------

// NULL if that archive is not there.
static pt2_package_t* open_avx2(const char* release, const char* name) {
  char path[512];
  snprintf(path, sizeof(path), PT2_TEST_GOLDEN "/avx2/%s/%s.pt2", release,
           name);
  pt2_package_t* package = NULL;
  pt2_status_t status = pt2_package_open(path, NULL, &package);
  if (status == PT2_STATUS_NOT_FOUND) {
    SKIP("the golden packages are not unpacked");
  }
  if (status != PT2_STATUS_OK) {
    print_message("%s\n", pt2_error_message());
  }
  assert_int_equal(status, PT2_STATUS_OK);
  return package;
}

static void test_names_of_values(void** state) {
  (void)state;
  static const char* const inputs[] = {"ARGS[0]", "ARGS[1][0]", "ARGS[1][1]",
                                       "KWARGS[scale]", "KWARGS[offset]"};
  static const char* const outputs[] = {"RESULT[sum]", "RESULT[none]",
                                        "RESULT[y]"};
  pt2_package_t* package = open_avx2("2.15.0", "kwargs");
  assert_int_equal(pt2_package_input_count(package, 0), 5);
  assert_int_equal(pt2_package_output_count(package, 0), 3);
  for (size_t i = 0; i < 5; ++i) {
    assert_string_equal(input(package, i).name, inputs[i]);
  }
  for (size_t i = 0; i < 3; ++i) {
    assert_string_equal(output(package, i).name, outputs[i]);
  }
  assert_int_equal(input(package, 3).rank, 0);
  assert_int_equal(output(package, 1).rank, -1);
  pt2_package_release(package);
}

static void test_kinds_of_outputs(void** state) {
  (void)state;
  pt2_package_t* package = open_avx2("2.15.0", "outputs");
  static const int32_t ranks[] = {2, -1, 2, 2, 2};
  assert_int_equal(pt2_package_output_count(package, 0), 5);
  for (size_t i = 0; i < 5; ++i) {
    assert_int_equal(output(package, i).rank, ranks[i]);
  }
  // A view of an input.
  expect_dim(&output(package, 3).dims[0], 4, 4, NULL, 8);
  pt2_package_release(package);
}

static void test_dtypes(void** state) {
  (void)state;
  static const pt2_dtype_t dtypes[] = {
      PT2_DTYPE_I64, PT2_DTYPE_BOOL, PT2_DTYPE_F64, PT2_DTYPE_BF16,
      PT2_DTYPE_U8,  PT2_DTYPE_I32,  PT2_DTYPE_F16};
  pt2_package_t* package = open_avx2("2.15.0", "dtypes");
  for (size_t i = 0; i < 7; ++i) {
    assert_int_equal(input(package, i).dtype, dtypes[i]);
  }
  assert_int_equal(output(package, 3).dtype, PT2_DTYPE_BF16);
  pt2_package_release(package);
  package = open_avx2("2.15.0", "zerodim");
  assert_int_equal(input(package, 0).rank, 0);
  expect_dim(&input(package, 1).dims[0], 0, 0, NULL, 3);
  expect_dim(&input(package, 2).dims[1], 3, 3, NULL, 4);
  pt2_package_release(package);
}

static void test_two_models(void** state) {
  (void)state;
  pt2_package_t* package = open_avx2("2.15.0", "two");
  assert_int_equal(pt2_package_model_count(package), 2);
  size_t model;
  assert_int_equal(pt2_package_find_model(package, "model2", &model), 0);
  assert_int_equal(pt2_package_constant_count(package, model), 0);
  assert_int_equal(pt2_package_find_model(package, NULL, &model), 0);
  assert_int_equal(pt2_package_constant_count(package, model), 3);
  pt2_package_release(package);
}

static void test_sources_only(void** state) {
  (void)state;
  pt2_package_t* package = NULL;
  pt2_status_t status = pt2_package_open(
      PT2_TEST_GOLDEN "/avx2/2.15.0/cpponly.pt2", NULL, &package);
  if (status == PT2_STATUS_NOT_FOUND) {
    SKIP("the golden packages are not unpacked");
  }
  assert_int_equal(status, PT2_STATUS_UNSUPPORTED);
  assert_non_null(strstr(pt2_error_message(), "(package_cpp_only)"));
  assert_null(package);
}

static void test_pickles(void** state) {
  (void)state;
  static const char* const pickled[] = {"2.8.0", "2.9.1", "2.10.0", "2.15.0"};
  for (size_t i = 0; i < 4; ++i) {
    pt2_package_t* package = open_avx2(pickled[i], "mlppickle");
    assert_int_equal(pt2_package_weights_kind(package, 0), PT2_WEIGHTS_PICKLES);
    assert_int_equal(pt2_package_weights_bytes(package, 0), 2688);
    pt2_package_release(package);
  }
}

// ---- The same package in other shapes --------------------------------------

static int remove_one(const char* path, const struct stat* facts, int kind,
                      struct FTW* place) {
  (void)facts;
  (void)kind;
  (void)place;
  return remove(path);
}

typedef struct {
  char folder[64];
} scratch_t;

static scratch_t make_scratch(void) {
  scratch_t scratch = {"/tmp/pt2_test_XXXXXX"};
  assert_non_null(mkdtemp(scratch.folder));
  return scratch;
}

static void remove_scratch(const scratch_t* scratch) {
  nftw(scratch->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

// Writes |bytes| to |folder|/|name|, making the folders on the way.
static void write_file(const char* folder, const char* name,
                       pt2__bytes_t bytes) {
  char path[512];
  snprintf(path, sizeof(path), "%s/%s", folder, name);
  for (char* slash = strchr(path + 1, '/'); slash != NULL;
       slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    mkdir(path, 0700);
    *slash = '/';
  }
  FILE* file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes.data, 1, bytes.size_bytes, file),
                   bytes.size_bytes);
  fclose(file);
}

static void expect_mlpdyn(const pt2_package_t* package, const char* folder) {
  assert_int_equal(pt2_package_model_count(package), 1);
  assert_string_equal(pt2_package_peek_model_name(package, 0), "model");
  pt2_value_info_t in = input(package, 0);
  assert_int_equal(in.rank, 2);
  expect_dim(&in.dims[0], 2, 1024, "s77", 16);
  assert_int_equal(pt2_package_weights_kind(package, 0), PT2_WEIGHTS_IN_SO);
  const pt2__model_files_t* files = pt2__package_model_files(package, 0);
  assert_true(files->so_fd >= 0);
  assert_int_equal(files->so_fd_offset, 0);
  assert_string_equal(files->folder, folder);
  char magic[4];
  assert_int_equal(pread(files->so_fd, magic, 4, 0), 4);
  assert_memory_equal(magic,
                      "\x7f"
                      "ELF",
                      4);
}

static void test_folders(void** state) {
  (void)state;
  // The package's own folder, its parent, and one with only the files.
  static const struct {
    const char* put;
    const char* open;
  } layouts[] = {
      {"data/aotinductor/model/", ""},
      {"mlpdyn/data/aotinductor/model/", ""},
      {"mlpdyn/data/aotinductor/model/", "/mlpdyn"},
      {"", ""},
  };
  pt2_package_t* source = open_golden("2.15.0", "mlpdyn");
  const pt2__model_files_t* files = pt2__package_model_files(source, 0);
  for (size_t i = 0; i < 4; ++i) {
    scratch_t scratch = make_scratch();
    char name[256];
    snprintf(name, sizeof(name), "%sx.wrapper.so", layouts[i].put);
    write_file(scratch.folder, name, files->so);
    snprintf(name, sizeof(name), "%sx.wrapper.cpp", layouts[i].put);
    write_file(scratch.folder, name, files->source);
    char path[256];
    snprintf(path, sizeof(path), "%s%s", scratch.folder, layouts[i].open);
    pt2_package_t* package = NULL;
    assert_int_equal(pt2_package_open(path, NULL, &package), 0);
    expect_mlpdyn(package, path);
    pt2_package_release(package);
    remove_scratch(&scratch);
  }
  pt2_package_release(source);
}

static void test_bare_library(void** state) {
  (void)state;
  pt2_package_t* source = open_golden("2.15.0", "mlpdyn");
  const pt2__model_files_t* files = pt2__package_model_files(source, 0);
  scratch_t scratch = make_scratch();
  write_file(scratch.folder, "x.wrapper.so", files->so);
  write_file(scratch.folder, "x.wrapper.cpp", files->source);
  pt2__bytes_t metadata = {(const uint8_t*)"{\"AOTI_DEVICE_KEY\": \"cpu\"}",
                           26};
  write_file(scratch.folder, "x.wrapper_metadata.json", metadata);
  // A neighbour's files are not this model's.
  write_file(scratch.folder, "y.json", metadata);
  char path[256];
  snprintf(path, sizeof(path), "%s/x.wrapper.so", scratch.folder);
  pt2_package_t* package = NULL;
  assert_int_equal(pt2_package_open(path, NULL, &package), 0);
  expect_mlpdyn(package, scratch.folder);
  assert_string_equal(pt2_package_peek_metadata(package, 0, "AOTI_DEVICE_KEY"),
                      "cpu");
  assert_string_equal(pt2__package_model_files(package, 0)->so_name, path);
  assert_null(pt2__package_model_files(package, 0)->extern_nodes.data);
  pt2_package_release(package);
  // By descriptor the library is all there is: counts are unknown, the
  // weights are still found.
  int fd = open(path, O_RDONLY);
  assert_int_equal(pt2_package_open_fd(fd, NULL, &package), 0);
  close(fd);
  assert_int_equal(pt2_package_input_count(package, 0), 0);
  assert_int_equal(pt2_package_weights_kind(package, 0), PT2_WEIGHTS_IN_SO);
  assert_int_equal(pt2_package_weights_bytes(package, 0), 2688);
  assert_string_equal(pt2_package_peek_path(package), "<fd>");
  pt2_package_release(package);
  remove_scratch(&scratch);
  pt2_package_release(source);
}

static void test_descriptor(void** state) {
  (void)state;
  int fd = open(GOLDEN "2.15.0/mlp.pt2", O_RDONLY);
  assert_true(fd >= 0);
  pt2_package_t* package = NULL;
  assert_int_equal(pt2_package_open_fd(fd, NULL, &package), 0);
  close(fd);
  const pt2__model_files_t* files = pt2__package_model_files(package, 0);
  // The .so is in the archive, whose descriptor stays open.
  char magic[4];
  assert_int_equal(pread(files->so_fd, magic, 4, (off_t)files->so_fd_offset),
                   4);
  assert_memory_equal(magic, files->so.data, 4);
  assert_int_equal(files->so_fd_offset % 64, 0);
  pt2_package_retain(package);
  pt2_package_release(package);
  assert_int_equal(pt2_package_model_count(package), 1);
  pt2_package_release(package);
  pt2_package_release(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mlp_of_all_releases),
      cmocka_unit_test(test_add_of_all_releases),
      cmocka_unit_test(test_dynamic),
      cmocka_unit_test(test_weights),
      cmocka_unit_test(test_metadata),
      cmocka_unit_test(test_names_of_values),
      cmocka_unit_test(test_kinds_of_outputs),
      cmocka_unit_test(test_dtypes),
      cmocka_unit_test(test_two_models),
      cmocka_unit_test(test_sources_only),
      cmocka_unit_test(test_pickles),
      cmocka_unit_test(test_folders),
      cmocka_unit_test(test_bare_library),
      cmocka_unit_test(test_descriptor),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
