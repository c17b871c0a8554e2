// SPDX-License-Identifier: Apache-2.0
//
// Allocation, and the caching pool: size classes of four steps per power of
// two, one lock and one free list for each.
#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

static atomic_uint_fast64_t fault_count;
static atomic_uint_fast64_t fault_at;
static atomic_bool fault_sticky;

static bool allocation_must_fail(void) {
  uint64_t at = atomic_load_explicit(&fault_at, memory_order_relaxed);
  if (at == 0) {
    return false;
  }
  uint64_t now = atomic_fetch_add(&fault_count, 1) + 1;
  return atomic_load(&fault_sticky) ? now >= at : now == at;
}

uint64_t pt2__fault_set(uint64_t nth, bool sticky) {
  uint64_t seen = atomic_exchange(&fault_count, 0);
  atomic_store(&fault_sticky, sticky);
  atomic_store(&fault_at, nth);
  return seen;
}

void* pt2__malloc(size_t bytes) {
  return allocation_must_fail() ? NULL : malloc(bytes > 0 ? bytes : 1);
}

void* pt2__calloc(size_t count, size_t bytes) {
  if (count == 0 || bytes == 0) {
    count = bytes = 1;
  }
  return allocation_must_fail() ? NULL : calloc(count, bytes);
}

void* pt2__realloc(void* block, size_t bytes) {
  return allocation_must_fail() ? NULL : realloc(block, bytes > 0 ? bytes : 1);
}

char* pt2__strndup(const char* text, size_t bytes) {
  char* copy = pt2__malloc(bytes + 1);
  if (copy != NULL) {
    memcpy(copy, text, bytes);
    copy[bytes] = '\0';
  }
  return copy;
}

char* pt2__strdup(const char* text) { return pt2__strndup(text, strlen(text)); }

void pt2__free(void* block) { free(block); }

// Classes: 64, 80, 96, 112, 128, 160, … so that at most a fifth is wasted.
#define CLASS_STEPS 4
#define SMALLEST_SHIFT 6
#define CLASS_COUNT ((64 - SMALLEST_SHIFT) * CLASS_STEPS)

typedef struct free_block_t {
  struct free_block_t* next;
} free_block_t;

typedef struct {
  pthread_mutex_t lock;
  free_block_t* first;
  size_t kept;
} size_class_t;

static size_class_t classes[CLASS_COUNT];
static pthread_once_t classes_once = PTHREAD_ONCE_INIT;
static atomic_size_t used_bytes;
static atomic_size_t kept_bytes;

static void init_classes(void) {
  for (size_t i = 0; i < CLASS_COUNT; ++i) {
    pthread_mutex_init(&classes[i].lock, NULL);
  }
}

// Finds the class of |bytes| and its block size; false if there is none.
static bool class_of(size_t bytes, size_t* out_class, size_t* out_size) {
  if (bytes > SIZE_MAX / 4) {
    return false;
  }
  if (bytes <= ((size_t)1 << SMALLEST_SHIFT)) {
    *out_class = 0;
    *out_size = (size_t)1 << SMALLEST_SHIFT;
    return true;
  }
  // The power of two at or below bytes - 1 and how many quarters lie above it.
  size_t shift = 63u - (size_t)__builtin_clzll((unsigned long long)(bytes - 1));
  size_t quarter = ((size_t)1 << shift) / CLASS_STEPS;
  size_t steps = (bytes - ((size_t)1 << shift) + quarter - 1) / quarter;
  *out_class = (shift - SMALLEST_SHIFT) * CLASS_STEPS + steps;
  *out_size = ((size_t)1 << shift) + steps * quarter;
  return *out_class < CLASS_COUNT;
}

// Under AddressSanitizer freed blocks go back at once, so that it sees who uses
// them afterwards.
#if defined(__SANITIZE_ADDRESS__)
static atomic_bool keeps_blocks;

static bool keeps(void) { return atomic_load(&keeps_blocks); }

void pt2__pool_keep_blocks(bool keep) { atomic_store(&keeps_blocks, keep); }
#else
static bool keeps(void) { return true; }

void pt2__pool_keep_blocks(bool keep) { (void)keep; }
#endif

static void* system_alloc(size_t size) {
  void* block = NULL;
  size_t aligned =
      (size + PT2__POOL_ALIGNMENT - 1) & ~(size_t)(PT2__POOL_ALIGNMENT - 1);
  if (posix_memalign(&block, PT2__POOL_ALIGNMENT, aligned) != 0) {
    return NULL;
  }
  return block;
}

void* pt2__pool_alloc(size_t bytes) {
  size_t index;
  size_t size;
  if (allocation_must_fail() || !class_of(bytes, &index, &size)) {
    return NULL;
  }
  pthread_once(&classes_once, init_classes);
  size_class_t* of = &classes[index];
  pthread_mutex_lock(&of->lock);
  free_block_t* block = of->first;
  if (block != NULL) {
    of->first = block->next;
  }
  pthread_mutex_unlock(&of->lock);
  if (block != NULL) {
    atomic_fetch_sub_explicit(&kept_bytes, size, memory_order_relaxed);
  } else {
    block = system_alloc(size);
    if (block == NULL) {
      // What is kept in other classes may be what is missing here.
      pt2__pool_trim();
      block = system_alloc(size);
    }
  }
  if (block != NULL) {
    atomic_fetch_add_explicit(&used_bytes, size, memory_order_relaxed);
  }
  return block;
}

void pt2__pool_free(void* block, size_t bytes) {
  size_t index;
  size_t size;
  if (block == NULL || !class_of(bytes, &index, &size)) {
    return;
  }
  atomic_fetch_sub_explicit(&used_bytes, size, memory_order_relaxed);
  if (!keeps()) {
    free(block);
    return;
  }
  atomic_fetch_add_explicit(&kept_bytes, size, memory_order_relaxed);
  size_class_t* of = &classes[index];
  free_block_t* node = block;
  pthread_mutex_lock(&of->lock);
  node->next = of->first;
  of->first = node;
  pthread_mutex_unlock(&of->lock);
}

void pt2__pool_trim(void) {
  pthread_once(&classes_once, init_classes);
  for (size_t i = 0; i < CLASS_COUNT; ++i) {
    pthread_mutex_lock(&classes[i].lock);
    free_block_t* block = classes[i].first;
    classes[i].first = NULL;
    pthread_mutex_unlock(&classes[i].lock);
    size_t shift = i / CLASS_STEPS + SMALLEST_SHIFT;
    size_t size = ((size_t)1 << shift) +
                  (i % CLASS_STEPS) * (((size_t)1 << shift) / CLASS_STEPS);
    while (block != NULL) {
      free_block_t* next = block->next;
      free(block);
      atomic_fetch_sub_explicit(&kept_bytes, size, memory_order_relaxed);
      block = next;
    }
  }
}

void pt2__pool_statistics(size_t* out_used_bytes, size_t* out_kept_bytes) {
  *out_used_bytes = atomic_load(&used_bytes);
  *out_kept_bytes = atomic_load(&kept_bytes);
}
