// SPDX-License-Identifier: Apache-2.0
//
// Packages for mps against what PyTorch gives on the CPU:
//
//   test_mps_packages PLUGIN FOLDER [PACKAGE…]
//
// PLUGIN is a back end of tests/softmetal, FOLDER holds what make_packages.py
// wrote. Each package is loaded, run twice with each of three seeds, and taken
// apart; at the end nothing of the device may be left.
#include "mps/device.h"

#include <dirent.h>
#include <sys/stat.h>

#include "tooling/files.h"

#define VALUE_COUNT 64

// ---- Values -----------------------------------------------------------------

static char* read_file(const char* path, size_t* out_bytes) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) {
    return NULL;
  }
  fseek(file, 0, SEEK_END);
  *out_bytes = (size_t)ftell(file);
  rewind(file);
  char* data = malloc(*out_bytes + 1);
  size_t read = fread(data, 1, *out_bytes, file);
  fclose(file);
  assert_int_equal(read, *out_bytes);
  return data;
}

// A tensor of the host from FOLDER/NAME.SUFFIX/KINDn.npy; NULL if there is
// none. bfloat16 lies there as uint16.
static pt2_tensor_t* load(const char* name, const char* suffix,
                          const char* kind, size_t number, bool is_bfloat) {
  char path[1024];
  snprintf(path, sizeof(path), "%s/%s.%s/%s%zu.npy", folder, name, suffix, kind,
           number);
  size_t bytes;
  char* data = read_file(path, &bytes);
  if (data == NULL) {
    return NULL;
  }
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2__npy_parse(path, data, bytes, &tensor), 0);
  free(data);
  if (is_bfloat) {
    assert_int_equal(pt2_tensor_dtype(tensor), PT2_DTYPE_U16);
    pt2_tensor_t* typed = NULL;
    OK(pt2_tensor_create(PT2_DTYPE_BF16, pt2_tensor_rank(tensor),
                         pt2_tensor_peek_sizes(tensor), NULL, &typed));
    memcpy(pt2_tensor_peek_data(typed), pt2_tensor_peek_data(tensor),
           (size_t)pt2_tensor_numel(tensor) * 2);
    pt2_tensor_release(tensor);
    tensor = typed;
  }
  return tensor;
}

// What rounding once in the dtype can make of a result, times a few.
static double tolerance(pt2_dtype_t dtype) {
  return dtype == PT2_DTYPE_BF16  ? 2e-2
         : dtype == PT2_DTYPE_F16 ? 4e-3
         : dtype == PT2_DTYPE_F32 ? 2e-5
                                  : 0;
}

static void assert_close(const char* what, size_t number,
                         const pt2_tensor_t* got, const pt2_tensor_t* wanted) {
  pt2_tensor_t* here = NULL;
  OK(pt2_tensor_create(pt2_tensor_dtype(got), pt2_tensor_rank(got),
                       pt2_tensor_peek_sizes(got), NULL, &here));
  OK(pt2_tensor_copy(here, got));
  pt2_dtype_t dtype = pt2_tensor_dtype(wanted);
  assert_int_equal(pt2_tensor_dtype(here), dtype);
  assert_int_equal(pt2_tensor_rank(here), pt2_tensor_rank(wanted));
  for (size_t d = 0; d < pt2_tensor_rank(wanted); ++d) {
    assert_int_equal(pt2_tensor_peek_sizes(here)[d],
                     pt2_tensor_peek_sizes(wanted)[d]);
  }
  for (int64_t i = 0; i < pt2_tensor_numel(wanted); ++i) {
    double a = element(here, i);
    double b = element(wanted, i);
    bool same = (isnan(a) && isnan(b)) || a == b;
    if (!same && !(fabs(a - b) <= tolerance(dtype) * fmax(1, fabs(b)))) {
      fail_msg("%s: output %zu, element %lld: %.9g, PyTorch has %.9g", what,
               number, (long long)i, a, b);
    }
  }
  pt2_tensor_release(here);
}

// ---- One package ------------------------------------------------------------

static void run_once(pt2_runner_t* runner, const pt2_package_t* package,
                     const char* name, const char* suffix) {
  pt2_tensor_t* inputs[VALUE_COUNT];
  pt2_tensor_t* outputs[VALUE_COUNT] = {0};
  size_t input_count = pt2_runner_input_count(runner);
  size_t output_count = pt2_runner_output_count(runner);
  assert_true(input_count <= VALUE_COUNT && output_count <= VALUE_COUNT);
  for (size_t i = 0; i < input_count; ++i) {
    pt2_value_info_t info;
    OK(pt2_package_input_info(package, 0, i, &info));
    pt2_tensor_t* host =
        load(name, suffix, "in", i, info.dtype == PT2_DTYPE_BF16);
    assert_non_null(host);
    OK(pt2_tensor_to(host, PT2_DEVICE_MPS, 0, &inputs[i]));
    pt2_tensor_release(host);
  }
  OK(pt2_runner_run(runner, inputs, input_count, outputs, output_count));
  for (size_t i = 0; i < input_count; ++i) {
    pt2_tensor_release(inputs[i]);
  }
  for (size_t i = 0; i < output_count; ++i) {
    pt2_tensor_t* wanted = load(name, suffix, "out", i,
                                pt2_tensor_dtype(outputs[i]) == PT2_DTYPE_BF16);
    assert_non_null(wanted);
    assert_close(name, i, outputs[i], wanted);
    pt2_tensor_release(wanted);
    pt2_tensor_release(outputs[i]);
  }
}

static bool exists(const char* name, const char* suffix) {
  char path[1024];
  struct stat what;
  snprintf(path, sizeof(path), "%s/%s.%s", folder, name, suffix);
  return stat(path, &what) == 0;
}

static void test_package(void** state) {
  const char* name = *state;
  char path[1024];
  snprintf(path, sizeof(path), "%s/%s.pt2", folder, name);
  pt2_package_t* package = NULL;
  OK(pt2_package_open(path, NULL, &package));
  for (uint64_t seed = 0; seed < 3; ++seed) {
    control->set_seed(seed);
    uint64_t before = control->compiled();
    pt2_runner_options_t options;
    pt2_runner_options_init(&options);
    options.run_single_threaded = seed == 1;
    pt2_runner_t* runner = NULL;
    OK(pt2_runner_create(package, &options, &runner));
    // Twice: the second run is one with used memory.
    run_once(runner, package, name, "io");
    if (exists(name, "io2")) {
      run_once(runner, package, name, "io2");
    }
    uint64_t counts[2][3];
    control->counts(counts[0]);
    run_once(runner, package, name, "io");
    control->counts(counts[1]);
    if (seed == 0) {
      print_message("%-20s %llu kernels, %llu command buffers, %llu waits\n",
                    name, (unsigned long long)(counts[1][0] - counts[0][0]),
                    (unsigned long long)(counts[1][1] - counts[0][1]),
                    (unsigned long long)(counts[1][2] - counts[0][2]));
    } else {
      // What was compiled for the first load is there for the next.
      assert_int_equal(control->compiled(), before);
    }
    pt2_runner_release(runner);
  }
  pt2_package_release(package);
}

static void test_nothing_is_left(void** state) {
  assert_int_equal(nothing_is_left(state), 0);
}

// ---- All --------------------------------------------------------------------

static int compare(const void* a, const void* b) {
  return strcmp(((const struct CMUnitTest*)a)->name,
                ((const struct CMUnitTest*)b)->name);
}

static size_t find_packages(struct CMUnitTest* tests, size_t most) {
  DIR* listing = opendir(folder);
  size_t count = 0;
  struct dirent* entry;
  while (listing != NULL && (entry = readdir(listing)) != NULL) {
    size_t length = strlen(entry->d_name);
    if (count < most && length > 4 &&
        strcmp(entry->d_name + length - 4, ".pt2") == 0) {
      char* name = strndup(entry->d_name, length - 4);
      if (exists(name, "io")) {
        tests[count++] = (struct CMUnitTest){
            .name = name, .test_func = test_package, .initial_state = name};
      } else {
        free(name);
      }
    }
  }
  if (listing != NULL) {
    closedir(listing);
  }
  qsort(tests, count, sizeof(*tests), compare);
  return count;
}

int main(int argc, char** argv) {
  if (!begin(argc, argv, 2)) {
    return 2;
  }
  struct CMUnitTest tests[128];
  size_t count = 0;
  for (int i = 3; i < argc && count < 127; ++i) {
    tests[count++] = (struct CMUnitTest){
        .name = argv[i], .test_func = test_package, .initial_state = argv[i]};
  }
  size_t found = 0;  // their names are ours
  if (count == 0) {
    count = found = find_packages(tests, 127);
  }
  if (count == 0) {
    fprintf(stderr, "no packages in %s\n", folder);
    return 2;
  }
  tests[count++] = (struct CMUnitTest){.name = "nothing is left",
                                       .test_func = test_nothing_is_left};
  int failed =
      _cmocka_run_group_tests("mps packages", tests, count, NULL, NULL);
  for (size_t i = 0; i < found; ++i) {
    free(tests[i].initial_state);
  }
  return failed;
}
