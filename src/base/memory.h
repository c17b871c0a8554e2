// SPDX-License-Identifier: Apache-2.0
//
// Memory of the library: small objects, and the pool that tensors live in.
#ifndef PT2_SRC_BASE_MEMORY_H_
#define PT2_SRC_BASE_MEMORY_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pt2/memory.h"
#include "pt2/status.h"

// malloc, calloc, realloc, strdup and free of the library. They return NULL
// without a record; PT2_OUT_OF_MEMORY records it. Tests make the N-th of them
// fail.
void* pt2__malloc(size_t bytes);
void* pt2__calloc(size_t count, size_t bytes);
void* pt2__realloc(void* block, size_t bytes);
char* pt2__strdup(const char* text);
char* pt2__strndup(const char* text, size_t bytes);
void pt2__free(void* block);

#define PT2_OUT_OF_MEMORY(bytes)                                          \
  pt2__fail(PT2_STATUS_OUT_OF_MEMORY, "out of memory: %llu bytes wanted", \
            (unsigned long long)(bytes))

// Alignment of pool blocks, in bytes.
#define PT2__POOL_ALIGNMENT 64

// Takes a block of at least |bytes| (> 0) from the pool; uninitialised,
// aligned to PT2__POOL_ALIGNMENT. Freed blocks are kept and handed out again,
// because a model asks for the same sizes at each run and fresh pages cost more
// than its kernels. Returns NULL when out of memory.
//
// Threads: any, also to free what another thread took.
// Cost:    a few dozen instructions where the thread has a small block of that
//          size at hand, a lock otherwise
void* pt2__pool_alloc(size_t bytes);

// Gives a block back; |bytes| as it was asked for. NULL is allowed.
void pt2__pool_free(void* block, size_t bytes);

// Releases all blocks that are kept and not in use, those that threads keep for
// themselves too where the system lets it reach them.
void pt2__pool_trim(void);

// Where blocks come from, NULL: the C library; all kept ones are released.
//
// Errors: FAILED_PRECONDITION  blocks are in use
PT2_MUST_USE pt2_status_t
pt2__pool_set_allocator(const pt2_allocator_t* chosen);

// The most bytes there ever were, in use or kept, since the allocator was set.
size_t pt2__pool_peak_bytes(void);

// Bytes in blocks handed out, and bytes kept for reuse; both a little off while
// other threads allocate.
void pt2__pool_statistics(size_t* out_used_bytes, size_t* out_kept_bytes);

// Test hook: under AddressSanitizer the pool keeps no freed blocks unless this
// says so; elsewhere it always does.
void pt2__pool_keep_blocks(bool keep);

// Test hook, exported for tests only through pt2__fault_set: the |nth|
// allocation from now (1 = the next) fails, and every later one too if
// |sticky|; 0 switches it off. Returns the count of allocations since the last
// call.
uint64_t pt2__fault_set(uint64_t nth, bool sticky);

#endif  // PT2_SRC_BASE_MEMORY_H_
