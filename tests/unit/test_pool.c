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
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

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

int main(void) {
  pt2__pool_keep_blocks(true);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_blocks_are_aligned_and_disjoint),
      cmocka_unit_test(test_a_freed_block_comes_back),
      cmocka_unit_test(test_statistics_return_to_nothing),
      cmocka_unit_test(test_absurd_sizes_are_refused),
      cmocka_unit_test(test_the_nth_allocation_fails),
      cmocka_unit_test(test_threads_never_share_a_block),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
