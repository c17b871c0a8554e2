// SPDX-License-Identifier: Apache-2.0
//
// The pool that tensors live in: alignment, reuse, statistics, threads, and
// the hook that makes allocations fail.
// cmocka.h wants these four first.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "support/barrier.h"

extern char** environ;

static void test_blocks_are_aligned_and_disjoint(void** state) {
  (void)state;
  enum { COUNT = 400 };
  unsigned char* blocks[COUNT];
  for (size_t i = 0; i < COUNT; ++i) {
    size_t bytes = 1 + i * 37;
    blocks[i] = pt2__pool_alloc(bytes);
    assert_non_null(blocks[i]);
    assert_int_equal((uintptr_t)blocks[i] % PT2__POOL_ALIGNMENT, 0);
    memset(blocks[i], (int)(i & 0xff), bytes);
  }
  for (size_t i = 0; i < COUNT; ++i) {
    size_t bytes = 1 + i * 37;
    for (size_t at = 0; at < bytes; ++at) {
      assert_int_equal(blocks[i][at], i & 0xff);
    }
    pt2__pool_free(blocks[i], bytes);
  }
}

static void test_a_freed_block_comes_back(void** state) {
  (void)state;
  pt2__pool_trim();
  void* first = pt2__pool_alloc(1000);
  pt2__pool_free(first, 1000);
  // Same size class, not the same size.
  void* again = pt2__pool_alloc(1010);
  assert_ptr_equal(first, again);
  pt2__pool_free(again, 1010);
  pt2__pool_trim();
}

static void test_statistics_return_to_nothing(void** state) {
  (void)state;
  pt2__pool_trim();
  size_t used;
  size_t kept;
  pt2__pool_statistics(&used, &kept);
  size_t used_before = used;
  assert_int_equal(kept, 0);
  void* block = pt2__pool_alloc(5000);
  pt2__pool_statistics(&used, &kept);
  assert_true(used - used_before >= 5000 && used - used_before <= 5000 * 5 / 4);
  pt2__pool_free(block, 5000);
  pt2__pool_statistics(&used, &kept);
  assert_int_equal(used, used_before);
  assert_true(kept >= 5000);
  pt2__pool_trim();
  pt2__pool_statistics(&used, &kept);
  assert_int_equal(kept, 0);
}

static void test_absurd_sizes_are_refused(void** state) {
  (void)state;
  assert_null(pt2__pool_alloc(SIZE_MAX));
  assert_null(pt2__pool_alloc(SIZE_MAX / 2));
}

static void test_the_nth_allocation_fails(void** state) {
  (void)state;
  pt2__fault_set(2, false);
  void* first = pt2__malloc(8);
  void* second = pt2__malloc(8);
  void* third = pt2__malloc(8);
  assert_int_equal(pt2__fault_set(0, false), 3);
  assert_non_null(first);
  assert_null(second);
  assert_non_null(third);
  pt2__free(first);
  pt2__free(third);
  pt2__fault_set(1, true);
  assert_null(pt2__pool_alloc(64));
  assert_null(pt2__calloc(1, 64));
  pt2__fault_set(0, false);
}

static void* churn(void* seed) {
  uint64_t random = (uint64_t)(uintptr_t)seed;
  unsigned char* blocks[32] = {0};
  size_t sizes[32] = {0};
  bool good = true;
  for (int turn = 0; turn < 20000; ++turn) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    size_t slot = (random >> 33) % 32;
    if (blocks[slot] != NULL) {
      good = good && blocks[slot][0] == (unsigned char)slot &&
             blocks[slot][sizes[slot] - 1] == (unsigned char)slot;
      pt2__pool_free(blocks[slot], sizes[slot]);
    }
    sizes[slot] = 1 + (random >> 40) % 3000;
    blocks[slot] = pt2__pool_alloc(sizes[slot]);
    memset(blocks[slot], (int)slot, sizes[slot]);
  }
  for (size_t slot = 0; slot < 32; ++slot) {
    pt2__pool_free(blocks[slot], sizes[slot]);
  }
  return good ? seed : NULL;
}

static void test_threads_never_share_a_block(void** state) {
  (void)state;
  pthread_t threads[4];
  for (uintptr_t i = 0; i < 4; ++i) {
    assert_int_equal(pthread_create(&threads[i], NULL, churn, (void*)(i + 1)),
                     0);
  }
  for (size_t i = 0; i < 4; ++i) {
    void* result;
    pthread_join(threads[i], &result);
    assert_non_null(result);
  }
}

// ---- Threads' own blocks ----------------------------------------------------

static size_t used_now(void) {
  size_t used, kept;
  pt2__pool_statistics(&used, &kept);
  return used;
}

static size_t kept_now(void) {
  size_t used, kept;
  pt2__pool_statistics(&used, &kept);
  return kept;
}

static void* take_and_free(void* bytes) {
  void* block = pt2__pool_alloc((size_t)(uintptr_t)bytes);
  pt2__pool_free(block, (size_t)(uintptr_t)bytes);
  return block;
}

static void test_a_thread_leaves_its_blocks_to_others(void** state) {
  (void)state;
  pt2__pool_trim();
  pthread_t thread;
  void* theirs = NULL;
  assert_int_equal(pthread_create(&thread, NULL, take_and_free, (void*)200), 0);
  pthread_join(thread, &theirs);
  assert_true(kept_now() >= 200);
  void* mine = pt2__pool_alloc(200);
  assert_ptr_equal(mine, theirs);
  pt2__pool_free(mine, 200);
  pt2__pool_trim();
  assert_int_equal(kept_now(), 0);
}

typedef struct {
  pthread_barrier_t barrier;
  void* blocks[1000];
} exchange_t;

// Holds a cached block until it is told to end.
static void* hold(void* user) {
  exchange_t* with = user;
  pt2__pool_free(pt2__pool_alloc(300), 300);
  pthread_barrier_wait(&with->barrier);
  pthread_barrier_wait(&with->barrier);
  void* block = pt2__pool_alloc(300);
  memset(block, 1, 300);
  pt2__pool_free(block, 300);
  return NULL;
}

static void test_trim_reaches_other_threads(void** state) {
  (void)state;
  pt2__pool_trim();
  size_t used = used_now();
  exchange_t with;
  pthread_barrier_init(&with.barrier, NULL, 2);
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, hold, &with), 0);
  pthread_barrier_wait(&with.barrier);
  assert_true(kept_now() >= 300);
  assert_int_equal(used_now(), used);
  pt2__pool_trim();
  // Where the kernel lets it; a sandbox may not.
  bool reached = kept_now() == 0;
  pthread_barrier_wait(&with.barrier);
  pthread_join(thread, NULL);
  pt2__pool_trim();
  assert_int_equal(kept_now(), 0);
  assert_int_equal(used_now(), used);
  pthread_barrier_destroy(&with.barrier);
  if (!reached) {
    print_message("the kernel has no membarrier for this process\n");
  }
}

static void* free_all(void* user) {
  exchange_t* with = user;
  for (int turn = 0; turn < 50; ++turn) {
    pthread_barrier_wait(&with->barrier);
    for (size_t i = 0; i < 1000; ++i) {
      pt2__pool_free(with->blocks[i], 500);
    }
    pthread_barrier_wait(&with->barrier);
  }
  return NULL;
}

// One thread takes, another frees: blocks come back to the one that takes.
static void test_blocks_freed_elsewhere_do_not_pile_up(void** state) {
  (void)state;
  pt2__pool_trim();
  size_t used = used_now();
  exchange_t with;
  pthread_barrier_init(&with.barrier, NULL, 2);
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, free_all, &with), 0);
  size_t most = 0;
  for (int turn = 0; turn < 50; ++turn) {
    for (size_t i = 0; i < 1000; ++i) {
      with.blocks[i] = pt2__pool_alloc(500);
      assert_non_null(with.blocks[i]);
    }
    assert_int_equal(used_now(), used + 1000 * 512);
    pthread_barrier_wait(&with.barrier);
    pthread_barrier_wait(&with.barrier);
    assert_int_equal(used_now(), used);
    most = kept_now() > most ? kept_now() : most;
  }
  pthread_join(thread, NULL);
  pthread_barrier_destroy(&with.barrier);
  // Those of one turn, and what the two threads keep back.
  assert_true(most <= 1000 * 512 + 2 * 64 * 512);
  pt2__pool_trim();
  assert_int_equal(kept_now(), 0);
}

static void* churn_and_trim(void* seed) {
  for (int turn = 0; turn < 20; ++turn) {
    pt2__pool_trim();
    if (churn(seed) == NULL) {
      return NULL;
    }
  }
  return seed;
}

static void* only_trim(void* done) {
  while (!atomic_load((atomic_bool*)done)) {
    pt2__pool_trim();
  }
  return NULL;
}

static void test_trim_while_others_allocate(void** state) {
  (void)state;
  size_t used = used_now();
  atomic_bool done = false;
  pthread_t trimmer;
  assert_int_equal(pthread_create(&trimmer, NULL, only_trim, &done), 0);
  pthread_t threads[3];
  for (uintptr_t i = 0; i < 3; ++i) {
    assert_int_equal(
        pthread_create(&threads[i], NULL, churn_and_trim, (void*)(i + 7)), 0);
  }
  for (size_t i = 0; i < 3; ++i) {
    void* result;
    pthread_join(threads[i], &result);
    assert_non_null(result);
  }
  atomic_store(&done, true);
  pthread_join(trimmer, NULL);
  pt2__pool_trim();
  assert_int_equal(used_now(), used);
  assert_int_equal(kept_now(), 0);
}

static pthread_key_t late_key;

static void free_late(void* block) { pt2__pool_free(block, 100); }

static void* end_with_a_block(void* unused) {
  (void)unused;
  void* block = pt2__pool_alloc(100);
  pt2__pool_free(pt2__pool_alloc(100), 100);
  pthread_setspecific(late_key, block);
  return NULL;
}

// Destructors of other keys may free after the pool's own ran.
static void test_blocks_freed_while_a_thread_ends(void** state) {
  (void)state;
  pt2__pool_trim();
  size_t used = used_now();
  assert_int_equal(pthread_key_create(&late_key, free_late), 0);
  for (int i = 0; i < 200; ++i) {
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, end_with_a_block, NULL), 0);
    pthread_join(thread, NULL);
  }
  pthread_key_delete(late_key);
  assert_int_equal(used_now(), used);
  // More threads than there are caches came and went.
  assert_true(kept_now() <= 2 * 112);
  pt2__pool_trim();
  assert_int_equal(kept_now(), 0);
}

static void* wait_with_a_block(void* user) {
  exchange_t* with = user;
  pt2__pool_free(pt2__pool_alloc(64), 64);
  pthread_barrier_wait(&with->barrier);
  return NULL;
}

static void test_more_threads_than_caches(void** state) {
  (void)state;
  enum { THREADS = 100 };
  exchange_t with;
  pthread_barrier_init(&with.barrier, NULL, THREADS);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; ++i) {
    assert_int_equal(
        pthread_create(&threads[i], NULL, wait_with_a_block, &with), 0);
  }
  for (int i = 0; i < THREADS; ++i) {
    pthread_join(threads[i], NULL);
  }
  pthread_barrier_destroy(&with.barrier);
  pt2__pool_trim();
  assert_int_equal(kept_now(), 0);
}

static void* churn_for_ever(void* seed) {
  while (churn(seed) != NULL) {
  }
  abort();
}

// The process ends while other threads are at their blocks.
static int end_under_load(void) {
  pt2__pool_keep_blocks(true);
  for (uintptr_t i = 0; i < 4; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, churn_for_ever, (void*)(i + 1)) != 0) {
      return 1;
    }
  }
  for (int turn = 0; turn < 50; ++turn) {
    churn((void*)9);
  }
  return 7;
}

static const char* own_path;

static void test_the_process_ends_under_load(void** state) {
  (void)state;
  for (int turn = 0; turn < 3; ++turn) {
    pid_t child;
    char* const arguments[] = {(char*)own_path, "end-under-load", NULL};
    assert_int_equal(
        posix_spawn(&child, own_path, NULL, NULL, arguments, environ), 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
  }
}

// A child that does nothing but end must not wait for locks of threads that it
// does not have.
static void test_a_forked_child_ends(void** state) {
  (void)state;
  pt2__pool_free(pt2__pool_alloc(100), 100);
  pid_t child = fork();
  if (child == 0) {
    exit(3);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "end-under-load") == 0) {
    return end_under_load();
  }
  own_path = argv[0];
  pt2__pool_keep_blocks(true);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_blocks_are_aligned_and_disjoint),
      cmocka_unit_test(test_a_freed_block_comes_back),
      cmocka_unit_test(test_statistics_return_to_nothing),
      cmocka_unit_test(test_absurd_sizes_are_refused),
      cmocka_unit_test(test_the_nth_allocation_fails),
      cmocka_unit_test(test_threads_never_share_a_block),
      cmocka_unit_test(test_a_thread_leaves_its_blocks_to_others),
      cmocka_unit_test(test_trim_reaches_other_threads),
      cmocka_unit_test(test_blocks_freed_elsewhere_do_not_pile_up),
      cmocka_unit_test(test_trim_while_others_allocate),
      cmocka_unit_test(test_blocks_freed_while_a_thread_ends),
      cmocka_unit_test(test_more_threads_than_caches),
      cmocka_unit_test(test_the_process_ends_under_load),
      cmocka_unit_test(test_a_forked_child_ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
