// SPDX-License-Identifier: Apache-2.0
//
// The caching pool: size classes of four steps per power of two. Each has a
// list of free blocks that all threads share, behind a lock; in front of those
// of small blocks each thread has a few blocks of its own, which it takes and
// gives without a lock or an atomic operation.
//
// A thread's cache can be emptied by another thread (pt2__pool_trim). The owner
// marks what it does by |busy|, the other bars it by |barred|; neither needs a
// fence on the owner's side because the other side makes the kernel put one
// into every running thread (membarrier). Where the kernel cannot, caches of
// other threads stay as they are.
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__linux__)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#endif

#include "base/fault.h"
#include "base/memory.h"
#include "base/status.h"

// Classes: 64, 80, 96, 112, 128, 160, … so that at most a fifth is wasted.
#define CLASS_STEPS 4
#define SMALLEST_SHIFT 6
#define CLASS_COUNT ((64 - SMALLEST_SHIFT) * CLASS_STEPS)

// Finds the class of |bytes| and its block size; false if there is none.
static inline bool class_of(size_t bytes, size_t* out_class, size_t* out_size) {
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
  size_t quarter = shift - 2;
  size_t steps = ((bytes - 1) >> quarter) - CLASS_STEPS + 1;
  *out_class = (shift - SMALLEST_SHIFT) * CLASS_STEPS + steps;
  *out_size = (CLASS_STEPS + steps) << quarter;
  return *out_class < CLASS_COUNT;
}

static size_t size_of_class(size_t index) {
  size_t shift = index / CLASS_STEPS + SMALLEST_SHIFT;
  return (CLASS_STEPS + index % CLASS_STEPS) << (shift - 2);
}

typedef struct free_block_t {
  struct free_block_t* next;
} free_block_t;

// ---- The allocator underneath ----------------------------------------------

static void* default_alloc(size_t bytes, size_t alignment, void* context) {
  (void)context;
  void* block = NULL;
  return posix_memalign(&block, alignment, bytes) == 0 ? block : NULL;
}

static void default_free(void* block, size_t bytes, void* context) {
  (void)bytes;
  (void)context;
  free(block);
}

// Written by who holds the lock for writing, when no block exists.
static pthread_rwlock_t allocator_lock = PTHREAD_RWLOCK_INITIALIZER;
static pt2_allocator_t allocator = {.struct_bytes = sizeof(allocator),
                                    .alloc = default_alloc,
                                    .free = default_free};
// Bytes of all blocks that exist, in use or kept, and the most there were.
static atomic_size_t held_bytes;
static atomic_size_t peak_bytes;

static size_t rounded(size_t size) {
  return (size + PT2__POOL_ALIGNMENT - 1) & ~(size_t)(PT2__POOL_ALIGNMENT - 1);
}

static void note_peak(size_t held) {
  size_t peak = atomic_load_explicit(&peak_bytes, memory_order_relaxed);
  while (held > peak && !atomic_compare_exchange_weak(&peak_bytes, &peak, held))
    ;
}

static void* system_alloc(size_t size) {
  pthread_rwlock_rdlock(&allocator_lock);
  void* block =
      allocator.alloc(rounded(size), PT2__POOL_ALIGNMENT, allocator.context);
  if ((uintptr_t)block % PT2__POOL_ALIGNMENT != 0) {
    allocator.free(block, rounded(size), allocator.context);
    block = NULL;
  }
  if (block != NULL) {
    note_peak(atomic_fetch_add(&held_bytes, size) + size);
  }
  pthread_rwlock_unlock(&allocator_lock);
  return block;
}

static void system_free(void* block, size_t size) {
  pthread_rwlock_rdlock(&allocator_lock);
  allocator.free(block, rounded(size), allocator.context);
  atomic_fetch_sub(&held_bytes, size);
  pthread_rwlock_unlock(&allocator_lock);
}

// ---- Lists that all threads share ------------------------------------------

typedef struct {
  pthread_mutex_t lock;
  free_block_t* first;
} size_class_t;

static size_class_t classes[CLASS_COUNT];
static atomic_size_t shared_kept_bytes;

// Takes up to |most| blocks, linked; returns how many.
static size_t shared_take(size_t index, size_t most, free_block_t** out_first) {
  size_class_t* of = &classes[index];
  size_t count = 0;
  *out_first = NULL;
  pthread_mutex_lock(&of->lock);
  free_block_t** end = &of->first;
  while (count < most && *end != NULL) {
    end = &(*end)->next;
    ++count;
  }
  if (count > 0) {
    free_block_t* rest = *end;
    *end = NULL;
    *out_first = of->first;
    of->first = rest;
    atomic_fetch_sub_explicit(&shared_kept_bytes, count * size_of_class(index),
                              memory_order_relaxed);
  }
  pthread_mutex_unlock(&of->lock);
  return count;
}

static void shared_give(size_t index, free_block_t* first, free_block_t* last,
                        size_t count) {
  size_class_t* of = &classes[index];
  atomic_fetch_add_explicit(&shared_kept_bytes, count * size_of_class(index),
                            memory_order_relaxed);
  pthread_mutex_lock(&of->lock);
  last->next = of->first;
  of->first = first;
  pthread_mutex_unlock(&of->lock);
}

static void shared_trim(void) {
  for (size_t i = 0; i < CLASS_COUNT; ++i) {
    free_block_t* block;
    shared_take(i, SIZE_MAX, &block);
    while (block != NULL) {
      free_block_t* next = block->next;
      system_free(block, size_of_class(i));
      block = next;
    }
  }
}

// ---- A thread's own blocks -------------------------------------------------

enum {
  // Classes up to 16 KiB.
  CACHED_CLASSES = (14 - SMALLEST_SHIFT) * CLASS_STEPS + 1,
  // Of one class: so many bytes, but at least and at most so many blocks.
  CLASS_BYTES = 16 << 10,
  LEAST_BLOCKS = 2,
  MOST_BLOCKS = 64,
  // In all.
  CACHE_BYTES = 256 << 10,
  // Threads with a cache; others use the shared lists.
  CACHE_COUNT = 64,
  // How often trim looks whether an owner is done before it lets it be: after a
  // fork the owner may not exist.
  MOST_LOOKS = 1000,
};

typedef struct {
  free_block_t* first;
  uint32_t count;
  uint32_t limit;
} own_list_t;

// In the library's own memory, so that nothing is left when it is unloaded. A
// cache belongs to one thread until that ends.
typedef struct {
  _Alignas(64) atomic_bool busy;  // its owner is at it
  atomic_bool barred;             // somebody else is
  bool taken;                     // under |caches_lock|
  atomic_size_t kept_bytes;       // written by whoever is at it
  own_list_t lists[CACHED_CLASSES];
} cache_t;

static cache_t caches[CACHE_COUNT];
// The cache of threads that have none: nobody may touch it.
static cache_t no_cache = {.barred = true};
static pthread_mutex_t caches_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t exit_key;
static bool has_exit_key;  // under |caches_lock|
static pid_t process;

// One pointer fits into what the C library sets aside for libraries that are
// loaded later; the other model costs a call for each access.
static _Thread_local cache_t* own
#if defined(__GLIBC__)
    __attribute__((tls_model("initial-exec")))
#endif
    ;

static void flush(cache_t* cache) {
  for (size_t i = 0; i < CACHED_CLASSES; ++i) {
    own_list_t* list = &cache->lists[i];
    if (list->count > 0) {
      free_block_t* last = list->first;
      while (last->next != NULL) {
        last = last->next;
      }
      shared_give(i, list->first, last, list->count);
      list->first = NULL;
      list->count = 0;
    }
  }
  atomic_store_explicit(&cache->kept_bytes, 0, memory_order_relaxed);
}

// A thread that still frees afterwards, in destructors of others, does it
// without a cache: nobody would empty it.
static void at_thread_exit(void* cache) {
  own = &no_cache;
  pthread_mutex_lock(&caches_lock);
  flush(cache);
  ((cache_t*)cache)->taken = false;
  pthread_mutex_unlock(&caches_lock);
}

static void init(void) {
  for (size_t i = 0; i < CLASS_COUNT; ++i) {
    pthread_mutex_init(&classes[i].lock, NULL);
  }
  for (size_t i = 0; i < CACHED_CLASSES; ++i) {
    size_t limit = CLASS_BYTES / size_of_class(i);
    limit = limit < LEAST_BLOCKS ? LEAST_BLOCKS : limit;
    limit = limit > MOST_BLOCKS ? MOST_BLOCKS : limit;
    for (size_t j = 0; j < CACHE_COUNT; ++j) {
      caches[j].lists[i].limit = (uint32_t)limit;
    }
  }
  has_exit_key = pthread_key_create(&exit_key, at_thread_exit) == 0;
  process = getpid();
}

// The calling thread's, for one that comes for the first time.
static cache_t* take_cache(void) {
  pthread_once(&once, init);
  if (own != NULL) {
    return own;
  }
  own = &no_cache;
  pthread_mutex_lock(&caches_lock);
  for (size_t i = 0; has_exit_key && i < CACHE_COUNT; ++i) {
    if (!caches[i].taken) {
      if (pthread_setspecific(exit_key, &caches[i]) == 0) {
        caches[i].taken = true;
        own = &caches[i];
      }
      break;
    }
  }
  pthread_mutex_unlock(&caches_lock);
  return own;
}

// Begins to use |cache|; false if it must not. leave ends it either way.
static inline bool enter(cache_t* cache) {
  atomic_store_explicit(&cache->busy, true, memory_order_relaxed);
  atomic_signal_fence(memory_order_seq_cst);
  return __builtin_expect(
      !atomic_load_explicit(&cache->barred, memory_order_acquire), true);
}

static inline void leave(cache_t* cache) {
  atomic_store_explicit(&cache->busy, false, memory_order_release);
}

static inline size_t kept_by(const cache_t* cache) {
  return atomic_load_explicit(&cache->kept_bytes, memory_order_relaxed);
}

static inline void set_kept(cache_t* cache, size_t bytes) {
  atomic_store_explicit(&cache->kept_bytes, bytes, memory_order_relaxed);
}

// A block of a list that has one, inside of enter and leave.
static inline void* pop(cache_t* cache, own_list_t* list, size_t size) {
  free_block_t* block = list->first;
  list->first = block->next;
  --list->count;
  set_kept(cache, kept_by(cache) - size);
  return block;
}

static inline void push(cache_t* cache, own_list_t* list, size_t size,
                        free_block_t* block) {
  block->next = list->first;
  list->first = block;
  ++list->count;
  set_kept(cache, kept_by(cache) + size);
}

// Gets blocks from the shared list for an empty one, and takes one of them.
static void* refill_and_take(cache_t* cache, size_t index, size_t size) {
  void* block = NULL;
  own_list_t* list = &cache->lists[index];
  if (enter(cache)) {
    size_t room = (CACHE_BYTES - kept_by(cache)) / size;
    size_t wanted = list->limit / 2 < room ? list->limit / 2 : room;
    list->count = (uint32_t)shared_take(index, wanted, &list->first);
    set_kept(cache, kept_by(cache) + list->count * size);
    block = list->count > 0 ? pop(cache, list, size) : NULL;
  }
  leave(cache);
  return block;
}

// Half of a full list goes to the others.
static void spill(cache_t* cache, own_list_t* list, size_t index, size_t size) {
  size_t count = list->count / 2;
  free_block_t* first = list->first;
  free_block_t* last = first;
  for (size_t i = 1; i < count; ++i) {
    last = last->next;
  }
  list->first = last->next;
  list->count -= (uint32_t)count;
  set_kept(cache, kept_by(cache) - count * size);
  shared_give(index, first, last, count);
}

static bool spill_and_give(cache_t* cache, size_t index, size_t size,
                           free_block_t* block) {
  bool fits = false;
  own_list_t* list = &cache->lists[index];
  if (enter(cache)) {
    if (list->count >= list->limit) {
      spill(cache, list, index, size);
    }
    fits = kept_by(cache) + size <= CACHE_BYTES;
    if (fits) {
      push(cache, list, size, block);
    }
  }
  leave(cache);
  return fits;
}

// Every other running thread has passed a full fence when this returns true.
static bool fence_all_threads(void) {
#if defined(__linux__) && defined(SYS_membarrier)
  return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
                 0) == 0 &&
         syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0) == 0;
#else
  return false;
#endif
}

static bool becomes_idle(cache_t* cache) {
  for (int look = 0; look < MOST_LOOKS; ++look) {
    if (!atomic_load_explicit(&cache->busy, memory_order_acquire)) {
      return true;
    }
    sched_yield();
  }
  return false;
}

// Empties all caches that can be reached. |for_good|: their owners do without
// from now on.
static void flush_all(bool for_good) {
  pthread_mutex_lock(&caches_lock);
  for (size_t i = 0; i < CACHE_COUNT; ++i) {
    atomic_store(&caches[i].barred, true);
  }
  bool fenced = fence_all_threads();
  for (size_t i = 0; i < CACHE_COUNT; ++i) {
    cache_t* cache = &caches[i];
    if (cache->taken && kept_by(cache) > 0 && (fenced || cache == own) &&
        becomes_idle(cache)) {
      flush(cache);
    }
    if (!for_good) {
      atomic_store_explicit(&cache->barred, false, memory_order_release);
    }
  }
  pthread_mutex_unlock(&caches_lock);
}

// When the library is unloaded or the process ends. Other threads may still
// run in the second case, but no longer come here when they end. A user's
// allocator may be gone by now; in the child of a fork, locks may be held by
// threads that do not exist.
static __attribute__((destructor)) void at_unload(void) {
  if (getpid() != process) {
    return;
  }
  pthread_mutex_lock(&caches_lock);
  if (has_exit_key) {
    pthread_key_delete(exit_key);
    has_exit_key = false;
  }
  pthread_mutex_unlock(&caches_lock);
  if (allocator.alloc == default_alloc && atomic_load(&held_bytes) > 0) {
    flush_all(true);
    shared_trim();
  }
}

// ---- The pool --------------------------------------------------------------

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

static __attribute__((noinline)) void* alloc_slowly(size_t index, size_t size) {
  cache_t* cache = take_cache();
  void* block =
      index < CACHED_CLASSES ? refill_and_take(cache, index, size) : NULL;
  free_block_t* shared;
  if (block == NULL && shared_take(index, 1, &shared) == 1) {
    block = shared;
  }
  if (block == NULL) {
    block = system_alloc(size);
  }
  if (block == NULL) {
    // What is kept in other classes may be what is missing here.
    pt2__pool_trim();
    block = system_alloc(size);
  }
  return block;
}

static __attribute__((noinline)) void* alloc_or_fail(size_t bytes) {
  size_t index;
  size_t size;
  return pt2__fault_is_now() || !class_of(bytes, &index, &size)
             ? NULL
             : alloc_slowly(index, size);
}

// Everything but the usual case is a jump away, so that this needs no registers
// of its caller's.
void* pt2__pool_alloc(size_t bytes) {
  size_t index;
  size_t size;
  if (__builtin_expect(pt2__fault_is_set(), false)) {
    return alloc_or_fail(bytes);
  }
  if (__builtin_expect(!class_of(bytes, &index, &size), false)) {
    return NULL;
  }
  cache_t* cache = own;
  if (index >= CACHED_CLASSES || cache == NULL) {
    return alloc_slowly(index, size);
  }
  own_list_t* list = &cache->lists[index];
  if (!enter(cache) || list->count == 0) {
    leave(cache);
    return alloc_slowly(index, size);
  }
  void* block = pop(cache, list, size);
  leave(cache);
  return block;
}

static __attribute__((noinline)) void free_slowly(size_t index, size_t size,
                                                  free_block_t* block) {
  cache_t* cache = take_cache();
  if (!keeps()) {
    system_free(block, size);
  } else if (index >= CACHED_CLASSES ||
             !spill_and_give(cache, index, size, block)) {
    shared_give(index, block, block, 1);
  }
}

void pt2__pool_free(void* block, size_t bytes) {
  size_t index;
  size_t size;
  if (block == NULL || !class_of(bytes, &index, &size)) {
    return;
  }
  cache_t* cache = own;
  if (index >= CACHED_CLASSES || cache == NULL || !keeps()) {
    free_slowly(index, size, block);
    return;
  }
  own_list_t* list = &cache->lists[index];
  if (!enter(cache) || list->count >= list->limit ||
      kept_by(cache) + size > CACHE_BYTES) {
    leave(cache);
    free_slowly(index, size, block);
    return;
  }
  push(cache, list, size, block);
  leave(cache);
}

void pt2__pool_trim(void) {
  pthread_once(&once, init);
  flush_all(false);
  shared_trim();
}

size_t pt2__pool_peak_bytes(void) { return atomic_load(&peak_bytes); }

void pt2__pool_statistics(size_t* out_used_bytes, size_t* out_kept_bytes) {
  size_t held = atomic_load(&held_bytes);
  size_t kept = atomic_load(&shared_kept_bytes);
  for (size_t i = 0; i < CACHE_COUNT; ++i) {
    kept += kept_by(&caches[i]);
  }
  // Other threads move blocks meanwhile.
  kept = kept < held ? kept : held;
  *out_used_bytes = held - kept;
  *out_kept_bytes = kept;
}

pt2_status_t pt2__pool_set_allocator(const pt2_allocator_t* chosen) {
  pt2__pool_trim();
  pthread_rwlock_wrlock(&allocator_lock);
  size_t held = atomic_load(&held_bytes);
  if (held == 0) {
    allocator.alloc = chosen != NULL ? chosen->alloc : default_alloc;
    allocator.free = chosen != NULL ? chosen->free : default_free;
    allocator.context = chosen != NULL ? chosen->context : NULL;
    atomic_store(&peak_bytes, 0);
  }
  pthread_rwlock_unlock(&allocator_lock);
  if (held > 0) {
    return PT2_FAIL(PT2_STATUS_FAILED_PRECONDITION,
                    "the allocator cannot be changed while %zu bytes of the "
                    "present one's are in use",
                    held);
  }
  return PT2_STATUS_OK;
}
