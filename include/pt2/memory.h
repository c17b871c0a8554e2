// SPDX-License-Identifier: Apache-2.0
//
// Where the memory of tensors comes from, and how much of it there is.
//
// The data of tensors, the tensors themselves, packed weights and the scratch
// memory of operators come from one pool, which keeps what is freed and hands
// it out again: a model asks for the same sizes at each run. Descriptions of
// packages and runners are small, live long and come from malloc.
#ifndef PT2_MEMORY_H_
#define PT2_MEMORY_H_

#include <stddef.h>

#include "pt2/status.h"

#if defined(__cplusplus)
extern "C" {
#endif

// What the pool takes its blocks from.
//
// Threads: both functions are called by any thread, several at once.
typedef struct pt2_allocator_t {
  size_t struct_bytes;  // sizeof(pt2_allocator_t)
  // Returns |size_bytes| (a multiple of |alignment|) of uninitialised memory at
  // a multiple of |alignment| (a power of two, 64), or NULL if there is none:
  // whoever wanted it then fails with OUT_OF_MEMORY, after the pool has freed
  // all that it keeps and has asked again. A block that is not aligned is
  // freed at once and counts as none. It may not call functions of this
  // library.
  void* (*alloc)(size_t size_bytes, size_t alignment, void* context);
  // Takes a block back, with the size it was asked for. It may not fail, nor
  // call functions of this library.
  void (*free)(void* block, size_t size_bytes, void* context);
  void* context;
} pt2_allocator_t;

// Sets where the pool's blocks come from; NULL: the C library, which is how it
// starts. What the pool keeps is given back to the allocator before.
//
// It can be set while nothing of the pool is in use: before the first tensor
// and runner, or after the last one is gone.
//
// Ownership: |allocator| is copied. Its functions and its context must live
//            until another one is set. When the library is unloaded or the
//            process ends, what is kept is not given back to an allocator of
//            the user's, which may be gone: pt2_memory_trim before that.
// Errors:    INVALID_ARGUMENT     struct_bytes is wrong, a function is NULL
//            FAILED_PRECONDITION  memory of the present one is in use
//            On error the present one stays.
// Threads:   any.
PT2_API PT2_MUST_USE pt2_status_t
pt2_set_allocator(const pt2_allocator_t* allocator);

// Gives memory that the library keeps for reuse, on devices too, back to the
// system or to the user's allocator. The few small blocks that each thread
// keeps for itself (256 KiB at most) are among it where the system lets other
// threads be reached (Linux); elsewhere each goes back when its thread ends.
//
// Threads: any.
PT2_API void pt2_memory_trim(void);

// The pool's memory in the whole process.
typedef struct pt2_memory_statistics_t {
  size_t struct_bytes;
  // In use: tensors, packed weights, scratch memory. Weights that are mapped
  // from a package are no part of it (pt2_runner_statistics).
  size_t in_use_bytes;
  // Freed and kept for reuse.
  size_t kept_bytes;
  // The most that both together came to since the allocator was set.
  size_t peak_bytes;
} pt2_memory_statistics_t;

// Fills the fields that |statistics->struct_bytes| covers; the caller sets it
// to sizeof(pt2_memory_statistics_t). Exact unless other threads allocate
// meanwhile.
//
// Errors:  INVALID_ARGUMENT  NULL, or struct_bytes is too small
// Threads: any.
PT2_API PT2_MUST_USE pt2_status_t
pt2_memory_statistics(pt2_memory_statistics_t* statistics);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_MEMORY_H_
