// SPDX-License-Identifier: Apache-2.0
//
// The functions that a model is given instead of the C library's: spared copies
// of weights, destructors of threads, stubs, and which instructions code uses.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "loader/library.h"
#include "loader/x86_scan.h"
#include "pt2/pt2.h"

// ---- Weights ---------------------------------------------------------------

#define WEIGHT_BYTES (4 * 8192)

typedef void* (*memcpy_fn)(void*, const void*, size_t);
typedef void* (*malloc_fn)(size_t);
typedef void (*free_fn)(void*);

typedef struct {
  pt2__library_t library;
  memcpy_fn copy;
  malloc_fn allocate;
  free_fn release;
  uint8_t* weights;
} fixture_t;

// A library as if a model with 32 KiB of weights were loaded.
static int make_fixture(void** state) {
  fixture_t* f = calloc(1, sizeof(*f));
  f->weights = aligned_alloc(64, WEIGHT_BYTES);
  for (size_t i = 0; i < WEIGHT_BYTES; ++i) {
    f->weights[i] = (uint8_t)(i * 7 + i / 256);
  }
  f->library.fd = -1;
  f->library.weights = f->weights;
  f->library.weights_bytes = WEIGHT_BYTES;
  f->library.model_copies = true;
  f->library.spares_copies = true;
  f->copy = (memcpy_fn)pt2__hook_find(&f->library, "memcpy");
  f->allocate = (malloc_fn)pt2__hook_find(&f->library, "malloc");
  f->release = (free_fn)pt2__hook_find(&f->library, "free");
  *state = f;
  return 0;
}

static int free_fixture(void** state) {
  fixture_t* f = *state;
  pt2__hook_forget(&f->library);
  free(f->weights);
  free(f);
  return 0;
}

static uint64_t spared(const fixture_t* f) {
  return pt2__library_spared_bytes(&f->library);
}

static void test_copies_of_weights_are_spared(void** state) {
  fixture_t* f = *state;
  bool immutable;
  pt2__library_scope_t scope = pt2__library_enter(&f->library, true);
  uint8_t* block = f->allocate(WEIGHT_BYTES);
  memset(block, 0xee, WEIGHT_BYTES);
  assert_ptr_equal(f->copy(block, f->weights, 8192), block);
  assert_ptr_equal(f->copy(block + 8192, f->weights + 8192, 8192),
                   block + 8192);
  assert_int_equal(spared(f), 16384);
  assert_int_equal(block[0], 0xee);  // nothing was moved
  assert_ptr_equal(pt2__library_locate_blob(block, 8192, &immutable),
                   f->weights);
  assert_true(immutable);
  assert_ptr_equal(pt2__library_locate_blob(block + 8192, 100, &immutable),
                   f->weights + 8192);
  assert_ptr_equal(pt2__library_locate_blob(block + 64, 64, &immutable),
                   f->weights + 64);
  // A tensor over two weights exists only in the block: they become real.
  assert_ptr_equal(pt2__library_locate_blob(block, 16384, &immutable), block);
  assert_true(immutable);
  assert_memory_equal(block, f->weights, 16384);
  assert_int_equal(spared(f), 0);
  f->release(block);
  pt2__library_leave(scope);
}

static void test_later_writes_are_real(void** state) {
  fixture_t* f = *state;
  bool immutable;
  pt2__library_scope_t scope = pt2__library_enter(&f->library, true);
  uint8_t* block = f->allocate(WEIGHT_BYTES);
  memset(block, 0xee, WEIGHT_BYTES);
  f->copy(block, f->weights, 8192);
  uint8_t update[64];
  memset(update, 0x55, sizeof(update));
  // Part of a spared weight is written over: the rest of it must be there.
  f->copy(block + 128, update, sizeof(update));
  assert_memory_equal(block, f->weights, 128);
  assert_memory_equal(block + 128, update, 64);
  assert_memory_equal(block + 192, f->weights + 192, 8192 - 192);
  assert_ptr_equal(pt2__library_locate_blob(block, 8192, &immutable), block);
  // An update makes new tensors: theirs is a weight like any other.
  assert_true(immutable);
  // All of one, by a thread that is in no scope.
  f->copy(block + 8192, f->weights + 8192, 8192);
  pt2__library_leave(scope);
  uint8_t* other = malloc(8192);
  memset(other, 0x77, 8192);
  f->copy(block + 8192, other, 8192);
  assert_memory_equal(block + 8192, other, 8192);
  // A tensor that is made while the model runs is no weight.
  assert_ptr_equal(pt2__library_locate_blob(block, 64, &immutable), block);
  assert_false(immutable);
  assert_int_equal(spared(f), 0);
  free(other);
  f->release(block);
}

// Reading a block whose copies were spared gives the weights.
static void test_block_reads_as_if_copied(void** state) {
  fixture_t* f = *state;
  pt2__library_scope_t scope = pt2__library_enter(&f->library, true);
  uint8_t* block = f->allocate(WEIGHT_BYTES);
  f->copy(block, f->weights, 8192);
  uint8_t* out = malloc(100);
  f->copy(out, block + 1000, 100);
  assert_memory_equal(out, f->weights + 1000, 100);
  free(out);
  f->release(block);
  pt2__library_leave(scope);
}

static void test_what_is_never_spared(void** state) {
  fixture_t* f = *state;
  bool immutable;
  pt2__library_scope_t scope = pt2__library_enter(&f->library, true);
  uint8_t* block = f->allocate(WEIGHT_BYTES);
  uint8_t* strange = malloc(8192);
  memset(strange, 1, 8192);
  f->copy(block, f->weights, PT2__SPARE_MIN_BYTES - 1);    // small
  f->copy(block + 8192, f->weights + 8, 8192);             // unaligned
  f->copy(block + 16384, strange, 8192);                   // no weight
  f->copy(strange, f->weights, 8192);                      // no block
  f->copy(block, f->weights + WEIGHT_BYTES - 4096, 4096);  // spared
  assert_int_equal(spared(f), 4096);
  assert_memory_equal(block + 8192, f->weights + 8, 8192);
  assert_memory_equal(strange, f->weights, 8192);
  pt2__library_leave(scope);
  // While it runs, kernels copy what they mean to copy.
  scope = pt2__library_enter(&f->library, false);
  f->copy(block, f->weights, 8192);
  assert_memory_equal(block, f->weights, 8192);
  uint8_t* scratch = f->allocate(8192);
  f->copy(scratch, f->weights, 8192);
  assert_memory_equal(scratch, f->weights, 8192);
  f->release(scratch);
  assert_ptr_equal(pt2__library_locate_blob(strange, 8192, &immutable),
                   strange);
  assert_false(immutable);
  pt2__library_leave(scope);
  free(strange);
  f->release(block);
  f->release(NULL);
  assert_int_equal(spared(f), 0);
}

static void test_notes_without_memory_are_copies(void** state) {
  fixture_t* f = *state;
  pt2__library_scope_t scope = pt2__library_enter(&f->library, true);
  pt2__fault_set(1, false);
  uint8_t* untracked = f->allocate(WEIGHT_BYTES);
  pt2__fault_set(0, false);
  f->copy(untracked, f->weights, 8192);
  assert_memory_equal(untracked, f->weights, 8192);
  uint8_t* block = f->allocate(WEIGHT_BYTES);
  pt2__fault_set(1, false);
  f->copy(block, f->weights, 8192);
  pt2__fault_set(0, false);
  assert_memory_equal(block, f->weights, 8192);
  assert_int_equal(spared(f), 0);
  f->release(untracked);
  f->release(block);
  pt2__library_leave(scope);
}

static void* create_and_copy(void* state) {
  fixture_t* f = state;
  for (int i = 0; i < 300; ++i) {
    pt2__library_scope_t scope = pt2__library_enter(&f->library, true);
    uint8_t* block = f->allocate(WEIGHT_BYTES);
    bool immutable;
    for (size_t at = 0; at < WEIGHT_BYTES; at += 8192) {
      f->copy(block + at, f->weights + at, 8192);
      if (pt2__library_locate_blob(block + at, 8192, &immutable) !=
              f->weights + at ||
          !immutable) {
        return "not located";
      }
    }
    f->copy(block, "update", 6);
    pt2__library_leave(scope);
    if (memcmp(block, "update", 6) != 0 ||
        memcmp(block + 6, f->weights + 6, 8186) != 0) {
      return "not real";
    }
    f->release(block);
  }
  return NULL;
}

static void test_threads_note_copies_at_once(void** state) {
  fixture_t* f = *state;
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) {
    pthread_create(&threads[i], NULL, create_and_copy, f);
  }
  for (int i = 0; i < 4; ++i) {
    void* wrong;
    pthread_join(threads[i], &wrong);
    assert_null(wrong);
  }
  assert_int_equal(spared(f), 0);
}

// ---- Environment -----------------------------------------------------------

static void test_getenv_is_the_models_own(void** state) {
  (void)state;
  pt2__library_t library = {.fd = -1, .model_checks_inputs = true};
  char* (*get)(const char*) =
      (char* (*)(const char*))pt2__hook_find(&library, "getenv");
  assert_null(get("AOTI_RUNTIME_CHECK_INPUTS"));  // no model runs
  pt2__library_scope_t scope = pt2__library_enter(&library, false);
  assert_string_equal(get("AOTI_RUNTIME_CHECK_INPUTS"), "1");
  assert_null(getenv("AOTI_RUNTIME_CHECK_INPUTS"));
  assert_string_equal(get("PATH"), getenv("PATH"));
  pt2__library_leave(scope);
  library.model_checks_inputs = false;
  assert_null(pt2__hook_find(&library, "getenv"));
  assert_null(pt2__hook_find(&library, "memcpy"));
}

// ---- Destructors of threads ------------------------------------------------

static int destroyed;
static void* last_destroyed;

static void count_destruction(void* object) {
  ++destroyed;
  last_destroyed = object;
}

typedef struct {
  pt2__library_t* library;
  pthread_barrier_t* registered;
  pthread_barrier_t* may_end;
} thread_plan_t;

static void* register_two(void* plan_of) {
  thread_plan_t* plan = plan_of;
  static int first;
  static int second;
  pt2__library_scope_t scope = pt2__library_enter(plan->library, false);
  pt2__thread_exit_register(count_destruction, &first, NULL);
  pt2__thread_exit_register(count_destruction, &second, NULL);
  pt2__library_leave(scope);
  if (plan->registered != NULL) {
    pthread_barrier_wait(plan->registered);
    pthread_barrier_wait(plan->may_end);
  }
  return &first;
}

static void test_destructors_run_when_the_thread_ends(void** state) {
  (void)state;
  pt2__library_t library = {.fd = -1};
  thread_plan_t plan = {.library = &library};
  pthread_t thread;
  void* first;
  destroyed = 0;
  pthread_create(&thread, NULL, register_two, &plan);
  pthread_join(thread, &first);
  assert_int_equal(destroyed, 2);
  assert_ptr_equal(last_destroyed, first);  // newest first
  pt2__thread_exit_run(&library);
  assert_int_equal(destroyed, 2);
}

static void test_destructors_run_when_the_model_goes(void** state) {
  (void)state;
  pt2__library_t library = {.fd = -1};
  pt2__library_t other = {.fd = -1};
  pthread_barrier_t registered;
  pthread_barrier_t may_end;
  pthread_barrier_init(&registered, NULL, 2);
  pthread_barrier_init(&may_end, NULL, 2);
  thread_plan_t plan = {&library, &registered, &may_end};
  pthread_t thread;
  destroyed = 0;
  pthread_create(&thread, NULL, register_two, &plan);
  pthread_barrier_wait(&registered);
  pt2__thread_exit_run(&other);
  assert_int_equal(destroyed, 0);
  pt2__thread_exit_run(&library);
  assert_int_equal(destroyed, 2);
  pthread_barrier_wait(&may_end);
  pthread_join(thread, NULL);
  assert_int_equal(destroyed, 2);
  pthread_barrier_destroy(&registered);
  pthread_barrier_destroy(&may_end);
}

static void test_destructor_without_memory_is_left_out(void** state) {
  (void)state;
  pt2__library_t library = {.fd = -1};
  pt2__library_scope_t scope = pt2__library_enter(&library, false);
  pt2__fault_set(1, false);
  assert_int_not_equal(pt2__thread_exit_register(count_destruction, NULL, NULL),
                       0);
  pt2__fault_set(0, false);
  pt2__library_leave(scope);
  destroyed = 0;
  pt2__thread_exit_run(&library);
  assert_int_equal(destroyed, 0);
}

// ---- Stubs -----------------------------------------------------------------

typedef int32_t (*stub_fn)(void);

static void expect_stub(stub_fn stub, const char* message) {
  pt2_error_clear();
  assert_int_equal(stub(), 1);
  assert_int_equal(pt2_error_status(), PT2_STATUS_UNSUPPORTED);
  assert_string_equal(pt2_error_message(), message);
}

static void test_stubs_know_their_names(void** state) {
  (void)state;
  pt2__library_t one = {.fd = -1};
  pt2__library_t two = {.fd = -1};
  stub_fn a = (stub_fn)pt2__missing_stub(&one, "aoti_torch_cpu_cumsum");
  stub_fn b = (stub_fn)pt2__missing_stub(&one, "aoti_torch_cuda__fft_c2c");
  stub_fn c = (stub_fn)pt2__missing_stub(&two, "aoti_torch_strange");
  assert_ptr_equal(pt2__missing_stub(&two, "aoti_torch_cpu_cumsum"), a);
  expect_stub(a, "aten::cumsum is not implemented");
  expect_stub(b, "aten::_fft_c2c is not implemented");
  expect_stub(c, "aoti_torch_strange is not implemented");
  pt2__missing_release(&one);
  expect_stub(a, "aten::cumsum is not implemented");  // two holds it
  // More names than slots: the rest fails without one.
  for (int i = 0; i < 2 * PT2__MISSING_SLOTS; ++i) {
    char name[64];
    snprintf(name, sizeof(name), "aoti_torch_number_%d", i);
    assert_non_null(pt2__missing_stub(&one, name));
  }
  expect_stub((stub_fn)pt2__missing_stub(&two, "aoti_torch_late"),
              "a function that the model needs is not implemented");
  pt2__missing_release(&one);
  pt2__missing_release(&two);
}

// ---- Instructions ----------------------------------------------------------

static void test_scan_tells_instruction_sets(void** state) {
  (void)state;
  static const struct {
    const char* code;
    size_t bytes;
    uint32_t features;
  } rows[] = {
      // An immediate that looks like EVEX: mov $0x487cf162,%eax; ret
      {"\xb8\x62\xf1\x7c\x48\xc3", 6, 0},
      {"\x62\xf1\x7c\x48\x58\xc0", 6, PT2__X86_AVX512},  // vaddps zmm
      {"\x62\xf2\x7d\x48\x50\xc1", 6,
       PT2__X86_AVX512 | PT2__X86_AVX512_VNNI},  // vpdpbusd zmm
      {"\x62\xf2\x7e\x48\x52\xc1", 6,
       PT2__X86_AVX512 | PT2__X86_AVX512_BF16},    // vdpbf16ps zmm
      {"\xc5\xfc\x58\xc1", 4, PT2__X86_AVX},       // vaddps ymm
      {"\xc5\xfd\xfe\xc1", 4, PT2__X86_AVX2},      // vpaddd ymm
      {"\xc5\xf9\xfe\xc1", 4, PT2__X86_AVX},       // vpaddd xmm
      {"\xc4\xe2\x75\x98\xc2", 5, PT2__X86_FMA},   // vfmadd132ps
      {"\xc4\xe2\x7d\x13\xc0", 5, PT2__X86_F16C},  // vcvtph2ps
      {"\xc4\xe2\xf8\xf2\xc1", 5, PT2__X86_BMI},   // andn
      {"\xc5\xf8\x92\xc8", 4, PT2__X86_AVX512},    // kmovw
      {"\xc4\xe2\x7b\x49\xc0", 5, PT2__X86_AMX},   // tilezero
      // movabs with 0x62 in its eight bytes, then vzeroupper.
      {"\x48\xb8\x62\xf1\x7c\x48\x58\xc0\x62\xf1\xc5\xf8\x77", 13,
       PT2__X86_AVX},
      // test $imm8 and not, which share an opcode.
      {"\xf6\xc1\x62\xf6\xd0\xc5\xf8\x77", 8, PT2__X86_AVX},
      // 66-prefixed immediate: two bytes, then an AVX-512 addition.
      {"\x66\x81\xc1\x62\x62\x62\xf1\x7c\x48\x58\xc0", 11, PT2__X86_AVX512},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    uint32_t found = pt2__x86_scan((const uint8_t*)rows[i].code, rows[i].bytes);
    if (found != rows[i].features) {
      fail_msg("row %zu: 0x%x, wanted 0x%x", i, found, rows[i].features);
    }
    // Cut anywhere: it must only not read on.
    for (size_t bytes = 0; bytes < rows[i].bytes; ++bytes) {
      uint8_t* cut = malloc(bytes > 0 ? bytes : 1);
      memcpy(cut, rows[i].code, bytes);
      (void)pt2__x86_scan(cut, bytes);
      free(cut);
    }
  }
}

static void test_feature_names(void** state) {
  (void)state;
  assert_int_equal(pt2__x86_features_named("AVX2"), PT2__X86_AVX2);
  assert_int_equal(pt2__x86_features_named("AVX512 AVX512_VNNI AMX_TILE"),
                   PT2__X86_AVX512 | PT2__X86_AVX512_VNNI | PT2__X86_AMX);
  assert_int_equal(pt2__x86_features_named("INVALID_VEC_ISA"), 0);
  assert_int_equal(pt2__x86_features_named(""), 0);
  assert_string_equal(pt2__x86_feature_name(4), "AVX2");
  assert_string_equal(pt2__x86_feature_name(99), "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_copies_of_weights_are_spared,
                                      make_fixture, free_fixture),
      cmocka_unit_test_setup_teardown(test_later_writes_are_real, make_fixture,
                                      free_fixture),
      cmocka_unit_test_setup_teardown(test_block_reads_as_if_copied,
                                      make_fixture, free_fixture),
      cmocka_unit_test_setup_teardown(test_what_is_never_spared, make_fixture,
                                      free_fixture),
      cmocka_unit_test_setup_teardown(test_notes_without_memory_are_copies,
                                      make_fixture, free_fixture),
      cmocka_unit_test_setup_teardown(test_threads_note_copies_at_once,
                                      make_fixture, free_fixture),
      cmocka_unit_test(test_getenv_is_the_models_own),
      cmocka_unit_test(test_destructors_run_when_the_thread_ends),
      cmocka_unit_test(test_destructors_run_when_the_model_goes),
      cmocka_unit_test(test_destructor_without_memory_is_left_out),
      cmocka_unit_test(test_stubs_know_their_names),
      cmocka_unit_test(test_scan_tells_instruction_sets),
      cmocka_unit_test(test_feature_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
