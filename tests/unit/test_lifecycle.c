// SPDX-License-Identifier: Apache-2.0
//
// The life of a runner, from the package's opening to its release, while one
// thing after another fails on purpose: each failure is an error with a
// message, leaves nothing behind, and the next attempt works.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "package/package.h"
#include "pt2/pt2.h"
#include "support/failing_calls.h"
#include "support/skip.h"

#define GOLDEN PT2_TEST_GOLDEN "/avx2/2.15.0/"
#define MLP GOLDEN "mlp.pt2"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

// Weights in the .so, behind it, in a blob, folded; keywords, two models.
static const char* const kPackages[] = {
    GOLDEN "add.pt2",      GOLDEN "mlp.pt2",       GOLDEN "mlpmmap.pt2",
    GOLDEN "mlpblob2.pt2", GOLDEN "mlpfreeze.pt2", GOLDEN "kwargs.pt2",
    GOLDEN "two.pt2",
};
#define PACKAGE_COUNT (sizeof(kPackages) / sizeof(kPackages[0]))

// ---- What the process holds ------------------------------------------------

typedef struct {
  size_t descriptors;
  size_t model_mappings;    // of a model's copy
  size_t package_mappings;  // of a package's file
  size_t pool_bytes;
} holdings_t;

static size_t count_mappings(const char* what) {
  FILE* file = fopen("/proc/self/maps", "r");
  assert_non_null(file);
  char line[1024];
  size_t count = 0;
  while (fgets(line, sizeof(line), file) != NULL) {
    count += strstr(line, what) != NULL;
  }
  fclose(file);
  return count;
}

static size_t count_descriptors(void) {
  size_t count = 0;
  DIR* folder = opendir("/proc/self/fd");
  assert_non_null(folder);
  while (readdir(folder) != NULL) {
    ++count;
  }
  closedir(folder);
  return count;
}

static holdings_t look(void) {
  holdings_t now = {.descriptors = count_descriptors(),
                    .model_mappings = count_mappings("pt2-model"),
                    .package_mappings = count_mappings(".pt2")};
  size_t kept;
  pt2__pool_statistics(&now.pool_bytes, &kept);
  return now;
}

static void expect_same(const holdings_t* before) {
  holdings_t now = look();
  assert_int_equal(now.descriptors, before->descriptors);
  assert_int_equal(now.model_mappings, before->model_mappings);
  assert_int_equal(now.package_mappings, before->package_mappings);
  assert_int_equal(now.pool_bytes, before->pool_bytes);
}

// ---- One life --------------------------------------------------------------

enum { MOST = 16 };

// What is made before something fails and looked at afterwards.
typedef struct {
  const char* path;
  bool by_descriptor;
  pt2_package_t* package;
  pt2_runner_t* runner;
  pt2_tensor_t* inputs[MOST];
  size_t input_count;
  pt2_tensor_t* outputs[MOST];
  size_t output_count;
} life_t;

static pt2_status_t make_input(const pt2_value_info_t* info,
                               pt2_tensor_t** out_tensor) {
  int64_t sizes[8];
  assert_true(info->rank >= 0 && info->rank <= 8);
  assert_int_equal(info->dtype, PT2_DTYPE_F32);
  for (int32_t d = 0; d < info->rank; ++d) {
    sizes[d] = info->dims[d].min > 1 ? info->dims[d].min : 2;
    sizes[d] = sizes[d] > info->dims[d].max ? info->dims[d].max : sizes[d];
  }
  pt2_status_t status = pt2_tensor_create(PT2_DTYPE_F32, (size_t)info->rank,
                                          sizes, NULL, out_tensor);
  if (status == PT2_STATUS_OK) {
    float* data = pt2_tensor_peek_data(*out_tensor);
    for (int64_t i = 0; i < pt2_tensor_numel(*out_tensor); ++i) {
      data[i] = (float)(i % 7) - 3;
    }
  }
  return status;
}

static pt2_status_t open_package(life_t* life) {
  if (!life->by_descriptor) {
    return pt2_package_open(life->path, NULL, &life->package);
  }
  // fopen: no call that fails on purpose.
  FILE* file = fopen(life->path, "rb");
  assert_non_null(file);
  pt2_status_t status = pt2_package_open_fd(fileno(file), NULL, &life->package);
  fclose(file);
  return status;
}

static pt2_status_t make_inputs(life_t* life) {
  life->input_count = pt2_runner_input_count(life->runner);
  life->output_count = pt2_runner_output_count(life->runner);
  assert_true(life->input_count <= MOST && life->output_count <= MOST);
  for (size_t i = 0; i < life->input_count; ++i) {
    pt2_value_info_t info;
    pt2_status_t status = pt2_runner_input_info(life->runner, i, &info);
    if (status == PT2_STATUS_OK) {
      status = make_input(&info, &life->inputs[i]);
    }
    if (status != PT2_STATUS_OK) {
      return status;
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t swap_in(pt2_runner_t* runner,
                            const pt2_named_tensor_t* named, size_t count) {
  pt2_constants_options_t options;
  pt2_constants_options_init(&options);
  options.use_inactive = true;
  pt2_status_t status =
      pt2_runner_update_constants(runner, named, count, &options);
  return status == PT2_STATUS_OK ? pt2_runner_swap_constants(runner) : status;
}

// Puts copies of the model's own constants in the inactive buffer and swaps.
static pt2_status_t update_constants(pt2_runner_t* runner) {
  pt2_named_tensor_t named[MOST] = {{0}};
  size_t count = 0;
  pt2_status_t status = PT2_STATUS_OK;
  for (size_t i = 0; i < pt2_runner_constant_count(runner); ++i) {
    pt2_constant_info_t info;
    pt2_tensor_t* tensor = NULL;
    status = pt2_runner_constant_info(runner, i, &info);
    // Computed from the others, or packed by oneDNN when it was compiled.
    if (status == PT2_STATUS_OK &&
        (info.kind == 4 || strncmp(info.fqn, "_frozen", 7) == 0)) {
      continue;
    }
    if (status == PT2_STATUS_OK) {
      status = pt2_runner_extract_constant(runner, info.fqn, false, &tensor);
    }
    if (status != PT2_STATUS_OK) {
      break;
    }
    assert_true(count < MOST);
    named[count++] = (pt2_named_tensor_t){info.fqn, tensor};
  }
  if (status == PT2_STATUS_OK && count > 0) {
    status = swap_in(runner, named, count);
  }
  for (size_t i = 0; i < count; ++i) {
    pt2_tensor_release(named[i].tensor);
  }
  return status;
}

static pt2_status_t live(life_t* life) {
  pt2_status_t status = open_package(life);
  if (status == PT2_STATUS_OK) {
    status = pt2_runner_create(
        life->package,
        &(pt2_runner_options_t){
            .struct_bytes = sizeof(pt2_runner_options_t),
            .model_name = pt2_package_peek_model_name(life->package, 0),
            .num_runners = 1,
            .device_index = -1},
        &life->runner);
  }
  if (status == PT2_STATUS_OK) {
    status = make_inputs(life);
  }
  if (status == PT2_STATUS_OK) {
    status = update_constants(life->runner);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2_runner_run(life->runner, life->inputs, life->input_count,
                            life->outputs, life->output_count);
  }
  return status;
}

static void end(life_t* life) {
  for (size_t i = 0; i < MOST; ++i) {
    pt2_tensor_release(life->inputs[i]);
    pt2_tensor_release(life->outputs[i]);
  }
  pt2_runner_release(life->runner);
  pt2_package_release(life->package);
}

// Everything that the first life of a process makes once for all.
static void live_once(const char* path, bool by_descriptor) {
  life_t life = {.path = path, .by_descriptor = by_descriptor};
  pt2_status_t status = live(&life);
  if (status != PT2_STATUS_OK) {
    print_error("%s: %s\n", path, pt2_error_message());
  }
  assert_int_equal(status, PT2_STATUS_OK);
  assert_true(pt2_tensor_numel(life.outputs[0]) > 0);
  end(&life);
}

static void expect_same_outputs(const life_t* got, const life_t* wanted) {
  assert_int_equal(got->output_count, wanted->output_count);
  for (size_t i = 0; i < got->output_count; ++i) {
    if (wanted->outputs[i] == NULL) {
      assert_null(got->outputs[i]);
      continue;
    }
    // Not bit by bit: without memory for its work a product goes another way.
    const float* ours = pt2_tensor_peek_data(got->outputs[i]);
    const float* theirs = pt2_tensor_peek_data(wanted->outputs[i]);
    int64_t count = pt2_tensor_numel(wanted->outputs[i]);
    assert_int_equal(pt2_tensor_dtype(wanted->outputs[i]), PT2_DTYPE_F32);
    assert_int_equal(pt2_tensor_numel(got->outputs[i]), count);
    for (int64_t j = 0; j < count; ++j) {
      assert_true(fabsf(ours[j] - theirs[j]) <= 1e-5f * (1 + fabsf(theirs[j])));
    }
  }
}

// Lives while something fails, which the caller has set up; false if nothing
// failed. |wanted| has the right outputs.
static bool live_badly(life_t* life, const life_t* wanted) {
  pt2_error_clear();
  pt2_status_t status = live(life);
  if (status == PT2_STATUS_OK) {
    // What failed had another way around it.
    expect_same_outputs(life, wanted);
    return false;
  }
  assert_true(pt2_error_message()[0] != '\0');
  assert_int_equal(pt2_error_status(), status);
  assert_int_not_equal(status, PT2_STATUS_INTERNAL);
  for (size_t i = 0; i < MOST; ++i) {
    assert_null(life->outputs[i]);
  }
  return true;
}

// ---- Allocations -----------------------------------------------------------

static size_t fail_allocations(const char* path) {
  size_t failures = 0;
  life_t good = {.path = path};
  assert_int_equal(live(&good), PT2_STATUS_OK);
  holdings_t before = look();
  for (uint64_t nth = 1;; ++nth) {
    life_t life = {.path = path};
    pt2__fault_set(nth, false);
    bool failed = live_badly(&life, &good);
    uint64_t seen = pt2__fault_set(0, false);
    failures += failed;
    if (failed) {
      // Nearly all say so themselves; a model may say it in its own words.
      pt2_status_t status = pt2_error_status();
      assert_true(status == PT2_STATUS_OUT_OF_MEMORY ||
                  status == PT2_STATUS_MODEL_ERROR);
    }
    end(&life);
    expect_same(&before);
    if (seen < nth) {
      assert_false(failed);
      break;
    }
  }
  end(&good);
  return failures;
}

static void test_every_allocation(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  for (size_t i = 0; i < PACKAGE_COUNT; ++i) {
    live_once(kPackages[i], false);
    size_t failures = fail_allocations(kPackages[i]);
    print_message("%s: %zu allocations failed\n",
                  strrchr(kPackages[i], '/') + 1, failures);
    assert_true(failures >= 30);
    live_once(kPackages[i], false);
  }
}

// ---- System calls ----------------------------------------------------------

static const int kErrors[CALL_KINDS] = {
    [CALL_OPEN] = EMFILE,      [CALL_CLOSE] = EIO,
    [CALL_FSTAT] = EIO,        [CALL_STAT] = EIO,
    [CALL_LSTAT] = EIO,        [CALL_MMAP] = ENOMEM,
    [CALL_MUNMAP] = EINVAL,    [CALL_MEMFD_CREATE] = EPERM,
    [CALL_FTRUNCATE] = ENOSPC, [CALL_PWRITE] = ENOSPC,
    [CALL_FCNTL] = EMFILE,     [CALL_OPENDIR] = EMFILE,
    [CALL_READDIR] = EIO,      [CALL_DLOPEN] = ENOMEM,
    [CALL_DLSYM] = ENOENT,     [CALL_POSIX_MEMALIGN] = ENOMEM,
};

// How often calls of one kind were made, and how often that was an error.
typedef struct {
  size_t calls;
  size_t errors;
} tally_t;

static void fail_calls_of(call_kind_t kind, const char* path,
                          bool by_descriptor, tally_t* tally) {
  life_t good = {.path = path, .by_descriptor = by_descriptor};
  assert_int_equal(live(&good), PT2_STATUS_OK);
  pt2__pool_trim();
  holdings_t before = look();
  for (int nth = 1;; ++nth) {
    life_t life = {.path = path, .by_descriptor = by_descriptor};
    // Fresh memory each time, so that it is asked for.
    pt2__pool_trim();
    fail_call(kind, nth, false, kErrors[kind]);
    bool failed = live_badly(&life, &good);
    if (!failed) {
      // Its end fails too where the calls reach it.
      end(&life);
      life = (life_t){.path = path};
    }
    int seen = calls_end();
    end(&life);
    expect_same(&before);
    if (seen < nth) {
      assert_false(failed);
      break;
    }
    ++tally->calls;
    tally->errors += failed;
  }
  end(&good);
}

static void test_every_system_call(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  static const call_kind_t kMustFail[] = {
      CALL_OPEN,  CALL_FSTAT,  CALL_MMAP,   CALL_FTRUNCATE,
      CALL_FCNTL, CALL_DLOPEN, CALL_PWRITE, CALL_DLSYM};
  tally_t tallies[CALL_KINDS] = {{0}};
  for (size_t i = 0; i < PACKAGE_COUNT; ++i) {
    for (int by_descriptor = 0; by_descriptor < 2; ++by_descriptor) {
      live_once(kPackages[i], by_descriptor);
      for (int kind = CALL_OPEN; kind < CALL_KINDS; ++kind) {
        fail_calls_of((call_kind_t)kind, kPackages[i], by_descriptor,
                      &tallies[kind]);
      }
      live_once(kPackages[i], by_descriptor);
    }
  }
  for (int kind = CALL_OPEN; kind < CALL_KINDS; ++kind) {
    print_message("%-14s %4zu calls failed, %4zu were errors\n",
                  call_name((call_kind_t)kind), tallies[kind].calls,
                  tallies[kind].errors);
  }
  for (size_t i = 0; i < sizeof(kMustFail) / sizeof(kMustFail[0]); ++i) {
    assert_true(tallies[kMustFail[i]].errors > 0);
  }
  // Memory files may be forbidden: there is another way.
  assert_true(tallies[CALL_MEMFD_CREATE].calls > 0);
  assert_int_equal(tallies[CALL_MEMFD_CREATE].errors, 0);
  // What is given back is given back.
  assert_true(tallies[CALL_CLOSE].calls > 0);
  assert_int_equal(tallies[CALL_CLOSE].errors, 0);
  assert_int_equal(tallies[CALL_MUNMAP].errors, 0);
}

static void test_calls_that_go_on_failing(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  static const struct {
    call_kind_t kind;
    pt2_status_t status;
    const char* message;
  } kCalls[] = {
      {CALL_OPEN, PT2_STATUS_IO, "mlp.pt2: cannot be opened: Too many open"},
      {CALL_FSTAT, PT2_STATUS_IO, "mlp.pt2: cannot be read: Input/output"},
      {CALL_MMAP, PT2_STATUS_OUT_OF_MEMORY,
       "mlp.pt2: cannot be mapped: Cannot allocate"},
      {CALL_FTRUNCATE, PT2_STATUS_IO,
       ".wrapper.so: cannot size the model's copy: No space left on device"},
      {CALL_PWRITE, PT2_STATUS_IO,
       ".wrapper.so: cannot write the model's copy: No space left on device"},
      {CALL_DLOPEN, PT2_STATUS_INCOMPATIBLE, "libraries that are not here"},
      {CALL_POSIX_MEMALIGN, PT2_STATUS_OUT_OF_MEMORY, "out of memory"},
  };
  live_once(MLP, false);
  holdings_t before = look();
  for (size_t i = 0; i < sizeof(kCalls) / sizeof(kCalls[0]); ++i) {
    life_t life = {.path = MLP};
    pt2__pool_trim();
    fail_call(kCalls[i].kind, 1, true, kErrors[kCalls[i].kind]);
    pt2_status_t status = live(&life);
    calls_end();
    if (status != kCalls[i].status ||
        strstr(pt2_error_message(), kCalls[i].message) == NULL) {
      print_error("%s: %s\n", call_name(kCalls[i].kind), pt2_error_message());
    }
    assert_int_equal(status, kCalls[i].status);
    assert_non_null(strstr(pt2_error_message(), kCalls[i].message));
    end(&life);
    expect_same(&before);
    live_once(MLP, false);
  }
}

// ---- Folders ---------------------------------------------------------------

static void write_file(const char* folder, const char* name,
                       pt2__bytes_t bytes) {
  char path[256];
  snprintf(path, sizeof(path), "%s/%s", folder, name);
  FILE* file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes.data, 1, bytes.size_bytes, file),
                   bytes.size_bytes);
  fclose(file);
}

static void test_every_call_of_a_folder(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  static const char* const kNames[] = {"x.wrapper.so", "x.wrapper.cpp",
                                       "x.wrapper_metadata.json"};
  char folder[] = "/tmp/pt2-life-XXXXXX";
  assert_non_null(mkdtemp(folder));
  pt2_package_t* package = NULL;
  assert_int_equal(pt2_package_open(MLP, NULL, &package), 0);
  const pt2__model_files_t* files = pt2__package_model_files(package, 0);
  const char* metadata = "{\"AOTI_DEVICE_KEY\": \"cpu\"}";
  write_file(folder, kNames[0], files->so);
  write_file(folder, kNames[1], files->source);
  write_file(folder, kNames[2],
             (pt2__bytes_t){(const uint8_t*)metadata, strlen(metadata)});
  pt2_package_release(package);
  live_once(folder, false);
  tally_t tallies[CALL_KINDS] = {{0}};
  for (int kind = CALL_OPEN; kind < CALL_KINDS; ++kind) {
    fail_calls_of((call_kind_t)kind, folder, false, &tallies[kind]);
  }
  // A folder that cannot be read whole is not taken for one with less in it.
  assert_true(tallies[CALL_OPENDIR].errors > 0);
  assert_true(tallies[CALL_READDIR].calls > 3);
  assert_int_equal(tallies[CALL_READDIR].errors, tallies[CALL_READDIR].calls);
  assert_true(tallies[CALL_LSTAT].calls + tallies[CALL_STAT].calls > 0);
  live_once(folder, false);
  for (size_t i = 0; i < 3; ++i) {
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, kNames[i]);
    assert_int_equal(unlink(path), 0);
  }
  assert_int_equal(rmdir(folder), 0);
}

// ---- Two hundred lives -----------------------------------------------------

static size_t bytes_in_use(void) {
#if SANITIZED
  return 0;
#else
  return mallinfo2().uordblks;
#endif
}

static void test_two_hundred_lives(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  enum { WARM = 20, LIVES = 200 };
  for (size_t i = 0; i < PACKAGE_COUNT; ++i) {
    size_t mappings = 0;
    size_t bytes = 0;
    holdings_t before = {0};
    for (int turn = 0; turn < WARM + LIVES; ++turn) {
      if (turn == WARM) {
        pt2__pool_trim();
        before = look();
        mappings = count_mappings("");
        bytes = bytes_in_use();
      }
      live_once(kPackages[i], turn % 2 == 1);
      assert_int_equal(count_mappings("pt2-model"), 0);
    }
    pt2__pool_trim();
    expect_same(&before);
    assert_true(bytes_in_use() <= bytes + 4096);
    // The allocator may split or move what it has.
    assert_true(count_mappings("") <= mappings + 4);
  }
}

// ---- Named errors ----------------------------------------------------------

static pt2_runner_t* load_mlp(pt2_package_t** out_package) {
  pt2_runner_t* runner = NULL;
  assert_int_equal(pt2_package_open(MLP, NULL, out_package), 0);
  assert_int_equal(pt2_runner_create(*out_package, NULL, &runner), 0);
  return runner;
}

static void test_swap_with_nothing_inactive(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  life_t life = {.path = MLP};
  life.runner = load_mlp(&life.package);
  assert_int_equal(make_inputs(&life), 0);
  assert_int_equal(pt2_runner_run(life.runner, life.inputs, 1, life.outputs, 1),
                   0);
  assert_int_equal(pt2_runner_swap_constants(life.runner),
                   PT2_STATUS_FAILED_PRECONDITION);
  assert_non_null(strstr(pt2_error_message(), "a.weight"));
  assert_int_equal(pt2_runner_fold_constants(life.runner, true),
                   PT2_STATUS_FAILED_PRECONDITION);
  // Given back and swapped: the same.
  assert_int_equal(update_constants(life.runner), 0);
  assert_int_equal(pt2_runner_free_inactive_constants(life.runner), 0);
  assert_int_equal(pt2_runner_swap_constants(life.runner),
                   PT2_STATUS_FAILED_PRECONDITION);
  pt2_tensor_t* again = NULL;
  assert_int_equal(pt2_runner_run(life.runner, life.inputs, 1, &again, 1), 0);
  assert_memory_equal(pt2_tensor_peek_data(again),
                      pt2_tensor_peek_data(life.outputs[0]),
                      (size_t)pt2_tensor_numel(again) * sizeof(float));
  pt2_tensor_release(again);
  end(&life);
}

static void test_a_failed_load_leaves_the_package(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  assert_int_equal(pt2_package_open(MLP, NULL, &package), 0);
  fail_call(CALL_PWRITE, 1, true, ENOSPC);
  assert_int_equal(pt2_runner_create(package, NULL, &runner), PT2_STATUS_IO);
  calls_end();
  assert_null(runner);
  // What a program does next with a runner that it did not get.
  pt2_tensor_t* none = NULL;
  assert_int_equal(pt2_runner_run(runner, &none, 1, &none, 1),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(), "runner is NULL");
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.num_runners = 0;
  assert_int_equal(pt2_runner_create(package, &options, &runner),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(),
                      "num_runners is 0, at least 1 is needed");
  assert_null(runner);
  assert_int_equal(pt2_runner_create(package, NULL, &runner), 0);
  pt2_runner_release(runner);
  pt2_package_release(package);
}

static void test_closed_descriptors(void** state) {
  (void)state;
  pt2_package_t* package = NULL;
  int fd = open(MLP, O_RDONLY | O_CLOEXEC);
  assert_true(fd >= 0);
  close(fd);
  const int wrong[] = {fd, -1, 1 << 20};
  for (size_t i = 0; i < 3; ++i) {
    assert_int_equal(pt2_package_open_fd(wrong[i], NULL, &package),
                     PT2_STATUS_IO);
    assert_string_equal(pt2_error_message(),
                        "<fd>: cannot be duplicated: Bad file descriptor");
    assert_null(package);
  }
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(pt2_package_open_fd(ends[0], NULL, &package), PT2_STATUS_IO);
  assert_string_equal(pt2_error_message(), "<fd>: not a regular file");
  close(ends[0]);
  close(ends[1]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_allocation),
      cmocka_unit_test(test_every_system_call),
      cmocka_unit_test(test_calls_that_go_on_failing),
      cmocka_unit_test(test_every_call_of_a_folder),
      cmocka_unit_test(test_two_hundred_lives),
      cmocka_unit_test(test_swap_with_nothing_inactive),
      cmocka_unit_test(test_a_failed_load_leaves_the_package),
      cmocka_unit_test(test_closed_descriptors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
