// SPDX-License-Identifier: Apache-2.0
//
// What the runner of mps promises beside running: which packages it takes, how
// shaders are compiled on which system, what a threadgroup may have.
//
//   test_mps_runner PLUGIN FOLDER
//
// as test_mps_packages.
#include "mps/device.h"

#include <unistd.h>

static bool on_apples_side;

static void assert_says(const char* text) {
  if (strstr(pt2_error_message(), text) == NULL) {
    fail_msg("\"%s\" is not in: %s", text, pt2_error_message());
  }
}

// ---- Releases of PyTorch ----------------------------------------------------

static char* read_file(const char* path, size_t* out_bytes) {
  FILE* file = fopen(path, "rb");
  assert_non_null(file);
  fseek(file, 0, SEEK_END);
  *out_bytes = (size_t)ftell(file);
  rewind(file);
  char* data = malloc(*out_bytes);
  assert_int_equal(fread(data, 1, *out_bytes, file), *out_bytes);
  fclose(file);
  return data;
}

static void write_file(const char* path, const void* data, size_t bytes) {
  FILE* file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(data, 1, bytes, file), bytes);
  assert_int_equal(fclose(file), 0);
}

// Spoils a name wherever it stands in |data|.
static void forget(char* data, size_t bytes, const char* name) {
  size_t length = strlen(name);
  unsigned found = 0;
  for (char* at = data;
       (at = memmem(at, bytes - (size_t)(at - data), name, length)) != NULL;
       ++found) {
    at[length - 1] = '?';
  }
  assert_true(found > 0);
}

// The library of gelu_mlp as a bare .so, without what came with and after a
// release.
static void write_older(const char* path, int release) {
  static const struct {
    int release;
    const char* name;
  } exports[] = {{10, "AOTInductorModelContainerGetConstantsBlobSize"},
                 {13, "AOTInductorGetLastError"},
                 {14, "AOTInductorModelContainerCreateWithExternalConstants"},
                 {15, "AOTInductorModelContainerSetUseStreamAffinity"}};
  char package[1024];
  snprintf(package, sizeof(package), "%s/gelu_mlp.pt2", folder);
  size_t bytes;
  char* data = read_file(package, &bytes);
  // It lies there uncompressed; what follows it does no harm.
  char* library = memmem(data, bytes, "\177ELF", 4);
  assert_non_null(library);
  size_t left = bytes - (size_t)(library - data);
  for (size_t i = 0; i < sizeof(exports) / sizeof(*exports); ++i) {
    if (exports[i].release > release) {
      forget(library, left, exports[i].name);
    }
  }
  write_file(path, library, left);
  free(data);
}

static void test_old_releases_are_refused(void** state) {
  (void)state;
  static const char metadata[] = "{\"AOTI_DEVICE_KEY\": \"mps\"}";
  char where[] = "/tmp/pt2-mps-XXXXXX";
  char path[64], beside[64];
  assert_non_null(mkdtemp(where));
  snprintf(path, sizeof(path), "%s/old.wrapper.so", where);
  snprintf(beside, sizeof(beside), "%s/old.wrapper_metadata.json", where);
  write_file(beside, metadata, sizeof(metadata) - 1);
  pt2_runner_t* runner = NULL;
  write_older(path, 9);
  assert_int_equal(pt2_runner_create_mps(path, 1, "mps", "", false, &runner),
                   PT2_STATUS_INCOMPATIBLE);
  assert_says("old.wrapper.so was made by torch 2.8 or 2.9");
  assert_says("models for mps run from torch 2.10 on");
  assert_says("C++ classes of libtorch");
  assert_null(runner);
  // Told before anything runs, as one finding.
  pt2_package_t* package = NULL;
  pt2_preflight_t* report = NULL;
  OK(pt2_package_open(path, NULL, &package));
  OK(pt2_package_preflight(package, 0, &report));
  assert_false(pt2_preflight_runs(report));
  assert_int_equal(pt2_preflight_finding_count(report), 1);
  pt2_finding_t finding;
  OK(pt2_preflight_finding_at(report, 0, &finding));
  assert_string_equal(finding.kind, "torch-release");
  assert_string_equal(finding.subject, "2.8 or 2.9");
  pt2_preflight_destroy(report);
  pt2_package_release(package);
  // 2.10's looks are good.
  write_older(path, 12);
  OK(pt2_package_open(path, NULL, &package));
  OK(pt2_package_preflight(package, 0, &report));
  for (size_t i = 0; i < pt2_preflight_finding_count(report); ++i) {
    OK(pt2_preflight_finding_at(report, i, &finding));
    assert_string_not_equal(finding.kind, "torch-release");
  }
  pt2_preflight_destroy(report);
  pt2_package_release(package);
  unlink(path);
  unlink(beside);
  rmdir(where);
}

static void test_the_runner_is_registered(void** state) {
  (void)state;
  OK(pt2_backend_require("mps"));
  unsigned found = 0;
  for (size_t i = 0; i < pt2_runner_registry_count(); ++i) {
    found += strcmp(pt2_runner_registry_peek_device(i), "mps") == 0;
  }
  assert_int_equal(found, 1);
  // Exactly one model where it is single-threaded, as PyTorch's.
  char path[1024];
  snprintf(path, sizeof(path), "%s/gelu_mlp.pt2", folder);
  pt2_runner_t* runner = NULL;
  OK(pt2_runner_create_mps(path, 1, "mps", NULL, true, &runner));
  pt2_runner_release(runner);
}

// ---- Compiling --------------------------------------------------------------

static void compile(long out_options[4]) {
  static int number;
  char source[256];
  AOTIMetalShaderLibraryHandle library = NULL;
  snprintf(source, sizeof(source),
           "#include <metal_stdlib>\nkernel void k(device float* a "
           "[[buffer(0)]]) { a[0] = %d; }\n",
           number++);
  OK(SHIM(create_shader_library)(source, &library));
  OK(SHIM(delete_shader_library)(library));
  control->options(out_options);
}

// PyTorch's choice: MetalShaderLibrary::compileLibrary.
static void test_options_of_the_compiler(void** state) {
  (void)state;
  static const struct {
    const char* system;
    long language;
    bool has_modes;
  } systems[] = {{"13", 0x30001, false},
                 {"14", 0x30001, false},
                 {"15", 0x30002, true},
                 {"26", 0x40000, true},
                 {"27", 0x40000, true}};
  static const struct {
    const char* value;
    bool fast;
  } switches[] = {{NULL, false}, {"0", false}, {"1", true}, {"yes", true}};
  for (size_t i = 0; i < 5; ++i) {
    setenv("SOFTMETAL_MACOS", systems[i].system, 1);
    for (size_t j = 0; j < 4; ++j) {
      if (switches[j].value != NULL) {
        setenv("PYTORCH_MPS_FAST_MATH", switches[j].value, 1);
      } else {
        unsetenv("PYTORCH_MPS_FAST_MATH");
      }
      long got[4];
      compile(got);
      bool fast = switches[j].fast;
      if (!on_apples_side) {
        assert_int_equal(got[3], fast);
        continue;
      }
      assert_int_equal(got[0], systems[i].language);
      assert_int_equal(got[1], !systems[i].has_modes ? -1 : fast ? 2 : 0);
      assert_int_equal(got[2], !systems[i].has_modes ? -1 : !fast);
      assert_int_equal(got[3], systems[i].has_modes ? -1 : fast);
    }
  }
  unsetenv("SOFTMETAL_MACOS");
  unsetenv("PYTORCH_MPS_FAST_MATH");
}

// ---- Threadgroups -----------------------------------------------------------

// Runs a kernel whose threadgroups have so much memory.
static pt2_status_t run_with_memory(size_t bytes) {
  char source[512];
  snprintf(source, sizeof(source),
           "#include <metal_stdlib>\nusing namespace metal;\n"
           "kernel void k(device float* a [[buffer(0)]],\n"
           "    uint i [[thread_index_in_threadgroup]]) {\n"
           "  threadgroup float shared[%zu];\n"
           "  shared[i] = i;\n"
           "  threadgroup_barrier(mem_flags::mem_threadgroup);\n"
           "  a[i] = shared[3 - i];\n"
           "}\n",
           bytes / sizeof(float));
  AOTIMetalShaderLibraryHandle library = NULL;
  AOTIMetalKernelFunctionHandle kernel = NULL;
  pt2_tensor_t* out = NULL;
  int64_t size = 4;
  OK(SHIM(create_shader_library)(source, &library));
  OK(SHIM(get_kernel_function)(library, "k", &kernel));
  OK(pt2_tensor_create_on(PT2_DEVICE_MPS, 0, PT2_DTYPE_F32, 1, &size, NULL,
                          &out));
  OK(SHIM(start_encoding)(kernel));
  OK(SHIM(set_arg_tensor)(kernel, 0, out));
  OK(SHIM(dispatch_single)(kernel, 4));
  pt2_status_t status = backend->synchronize(backend->user, 0);
  if (status == PT2_STATUS_OK) {
    assert_true(((const float*)pt2_tensor_peek_data(out))[0] == 3);
  }
  pt2_tensor_release(out);
  OK(SHIM(delete_shader_library)(library));
  return status;
}

static void test_a_threadgroup_has_32_kilobytes(void** state) {
  (void)state;
  OK(run_with_memory(32 * 1024));
  assert_int_not_equal(run_with_memory(32 * 1024 + 4), PT2_STATUS_OK);
  assert_says("kernel k: a threadgroup wants more than 32 KB");
  OK(run_with_memory(1024));
}

int main(int argc, char** argv) {
  if (!begin(argc, argv, 2)) {
    return 2;
  }
  on_apples_side = strstr(argv[1], "fakemetal") != NULL;
  const struct CMUnitTest tests[] = {
      TEST(test_old_releases_are_refused),
      TEST(test_the_runner_is_registered),
      TEST(test_options_of_the_compiler),
      TEST(test_a_threadgroup_has_32_kilobytes),
  };
  return cmocka_run_group_tests_name("mps runner", tests, NULL, NULL);
}
