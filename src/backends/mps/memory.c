// SPDX-License-Identifier: Apache-2.0
//
// Memory that device and host share, and which buffer an address lies in:
// models hand over addresses, Metal wants the buffer and an offset. What is
// freed is kept for the next who asks for its size: models ask for the same
// sizes at each run.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/mps/mps.h"

// Its buffer is used again after it was freed, so it may be larger.
typedef struct block_t {
  struct block_t* next;  // of those that are kept in the same list
  char* data;
  size_t bytes;     // as asked for
  size_t capacity;  // of the buffer
  pt2__metal_buffer_t* buffer;
  uint64_t used_by;   // the last commands that do
  uint64_t freed_at;  // counts up: who was freed first goes first
} block_t;

// In use, by address. All of this file's is under the lock.
static block_t** blocks;
static size_t block_count;
static size_t block_capacity;
static pt2_backend_statistics_t counts;

// The number of blocks that start at or before |data|.
static size_t upper_bound(const void* data) {
  size_t low = 0;
  size_t high = block_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if ((uintptr_t)blocks[middle]->data <= (uintptr_t)data) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static pt2_status_t make_room(void) {
  if (block_count < block_capacity) {
    return PT2_STATUS_OK;
  }
  size_t capacity = block_capacity == 0 ? 64 : block_capacity * 2;
  block_t** grown = realloc(blocks, capacity * sizeof(*blocks));
  if (grown == NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_OUT_OF_MEMORY,
                         "mps: out of memory for %zu blocks", capacity);
  }
  blocks = grown;
  block_capacity = capacity;
  return PT2_STATUS_OK;
}

// ---- Blocks that are kept -------------------------------------------------
// By capacity, those that were freed first in front. One is handed out again
// only when the commands that used it are done: nobody says whether the device
// will write to it, after them, or the host, at once.

#define LIST_COUNT 64

static struct {
  block_t* first;
  block_t** end;
} kept[LIST_COUNT];
static uint64_t freed_count;
static size_t kept_most = SIZE_MAX;  // SIZE_MAX: not decided yet

// Eighths of a power of two up to 32 MiB, 2 MiB above, 256 bytes at least: less
// than an eighth is not used, and sizes that differ little share their blocks.
static size_t capacity_for(size_t bytes) {
  size_t step = 256;
  while (step < ((size_t)2 << 20) && step * 16 < bytes) {
    step *= 2;
  }
  return bytes > SIZE_MAX - step ? bytes : (bytes + step - 1) / step * step;
}

static size_t list_of(size_t capacity) {
  return (size_t)((capacity * UINT64_C(0x9e3779b97f4a7c15)) >> 58);
}

// A quarter of the machine's memory, which the device shares.
static size_t default_kept_most(void) {
  long pages = sysconf(_SC_PHYS_PAGES);
  long page = sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? (size_t)pages / 4 * (size_t)page
                               : (size_t)1 << 30;
}

static block_t* unlink_kept(size_t list, block_t** at) {
  block_t* block = *at;
  *at = block->next;
  if (kept[list].end == &block->next) {
    kept[list].end = at;
  }
  counts.kept_bytes -= block->capacity;
  --counts.kept_blocks;
  return block;
}

static block_t* take_kept(size_t capacity) {
  size_t list = list_of(capacity);
  uint64_t done = pt2__mps_stream_done();
  for (block_t** at = &kept[list].first; *at != NULL; at = &(*at)->next) {
    if ((*at)->capacity == capacity && (*at)->used_by <= done) {
      return unlink_kept(list, at);
    }
  }
  return NULL;
}

static void destroy(block_t* block) {
  pt2__metal_buffer_release(block->buffer);
  free(block);
}

// Keeps |most| bytes, without those that were freed first.
static void shrink_kept(size_t most) {
  while (counts.kept_bytes > most) {
    size_t oldest = LIST_COUNT;
    for (size_t i = 0; i < LIST_COUNT; ++i) {
      if (kept[i].first != NULL &&
          (oldest == LIST_COUNT ||
           kept[i].first->freed_at < kept[oldest].first->freed_at)) {
        oldest = i;
      }
    }
    destroy(unlink_kept(oldest, &kept[oldest].first));
  }
}

static void keep(block_t* block) {
  size_t list = list_of(block->capacity);
  if (kept[list].first == NULL) {
    kept[list].end = &kept[list].first;
  }
  block->next = NULL;
  block->freed_at = ++freed_count;
  *kept[list].end = block;
  kept[list].end = &block->next;
  counts.kept_bytes += block->capacity;
  ++counts.kept_blocks;
  if (kept_most == SIZE_MAX) {
    kept_most = default_kept_most();
  }
  shrink_kept(kept_most);
}

void pt2__mps_memory_trim(void) {
  pt2__mps_lock();
  shrink_kept(0);
  pt2__mps_unlock();
}

void pt2__mps_memory_set_kept_most(size_t bytes) {
  pt2__mps_lock();
  kept_most = bytes;
  if (bytes != SIZE_MAX) {
    shrink_kept(bytes);
  }
  pt2__mps_unlock();
}

// ---- Blocks in use ----------------------------------------------------------

static bool create_buffer(block_t* block, size_t capacity,
                          pt2__metal_error_t* error) {
  void* data = NULL;
  block->buffer = pt2__metal_buffer_create(capacity, &data, error);
  block->data = data;
  block->capacity = capacity;
  return block->buffer != NULL;
}

static pt2_status_t create_block(size_t bytes, block_t** out_block) {
  block_t* block = calloc(1, sizeof(*block));
  if (block == NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_OUT_OF_MEMORY,
                         "mps: out of memory: %zu bytes wanted",
                         sizeof(*block));
  }
  pt2__metal_error_t error;
  // The second time too: what fits no list is never used again.
  size_t capacity = capacity_for(bytes);
  if (!create_buffer(block, capacity, &error)) {
    // Commands keep what they use: only after a wait is it free.
    pt2__mps_stream_finish();
    shrink_kept(0);
    pt2__mps_reports_trim();
    if (!create_buffer(block, capacity, &error)) {
      free(block);
      return PT2__MPS_FAIL(PT2_STATUS_OUT_OF_MEMORY,
                           "mps: out of memory: %zu bytes wanted, %llu in use: "
                           "%s",
                           bytes, (unsigned long long)counts.live_bytes,
                           error.text);
    }
  }
  *out_block = block;
  return PT2_STATUS_OK;
}

static pt2_status_t allocate(size_t bytes, void** out_data) {
  const char* why = pt2__metal_open();
  if (why != NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_INCOMPATIBLE, "mps: %s", why);
  }
  PT2__MPS_TRY(make_room());
  block_t* block = take_kept(capacity_for(bytes));
  if (block != NULL) {
    ++counts.reuse_count;
  } else {
    PT2__MPS_TRY(create_block(bytes, &block));
  }
  block->bytes = bytes;
  pt2__metal_buffer_renew(block->buffer, bytes);
  size_t at = upper_bound(block->data);
  memmove(blocks + at + 1, blocks + at, (block_count - at) * sizeof(*blocks));
  blocks[at] = block;
  ++block_count;
  counts.live_bytes += bytes;
  ++counts.live_blocks;
  ++counts.allocation_count;
  *out_data = block->data;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__mps_memory_allocate(size_t bytes, void** out_data) {
  pt2__mps_lock();
  pt2_status_t status = allocate(bytes, out_data);
  pt2__mps_unlock();
  return status;
}

static bool release(void* data) {
  size_t at = upper_bound(data);
  if (at == 0 || blocks[at - 1]->data != data) {
    return false;
  }
  block_t* block = blocks[at - 1];
  memmove(blocks + at - 1, blocks + at, (block_count - at) * sizeof(*blocks));
  --block_count;
  counts.live_bytes -= block->bytes;
  --counts.live_blocks;
  keep(block);
  if (block_count == 0) {
    free(blocks);
    blocks = NULL;
    block_capacity = 0;
  }
  return true;
}

bool pt2__mps_memory_free_checked(void* data) {
  pt2__mps_lock();
  bool found = release(data);
  pt2__mps_unlock();
  return found;
}

void pt2__mps_memory_free(void* data) {
  bool found = pt2__mps_memory_free_checked(data);
  (void)found;  // the library gives back what it was given
}

static block_t* find(const void* data, size_t bytes, size_t* out_offset) {
  size_t at = upper_bound(data);
  if (at == 0) {
    return NULL;
  }
  block_t* block = blocks[at - 1];
  size_t offset = (size_t)((const char*)data - block->data);
  if (offset > block->bytes || bytes > block->bytes - offset) {
    return NULL;
  }
  *out_offset = offset;
  return block;
}

bool pt2__mps_memory_has(const void* data, size_t bytes) {
  size_t offset;
  return find(data, bytes, &offset) != NULL;
}

pt2__metal_buffer_t* pt2__mps_memory_use(const void* data, size_t* out_offset) {
  block_t* block = find(data, 1, out_offset);
  if (block == NULL) {
    return NULL;
  }
  block->used_by = pt2__mps_stream_now();
  return block->buffer;
}

// The host moves the bytes, once the device is done with what it was given.
pt2_status_t pt2__mps_memory_copy(int32_t kind, void* target,
                                  const void* source, size_t bytes) {
  PT2__MPS_TRY(pt2__mps_stream_synchronize());
  memcpy(target, source, bytes);
  pt2__mps_lock();
  ++counts.copy_count[kind];
  counts.copy_bytes[kind] += bytes;
  pt2__mps_unlock();
  return PT2_STATUS_OK;
}

pt2_status_t pt2__mps_memory_fill(void* data, uint8_t value, size_t bytes) {
  PT2__MPS_TRY(pt2__mps_stream_synchronize());
  memset(data, value, bytes);
  pt2__mps_lock();
  ++counts.fill_count;
  pt2__mps_unlock();
  return PT2_STATUS_OK;
}

void pt2__mps_memory_statistics(pt2_backend_statistics_t* out_statistics) {
  size_t struct_bytes = out_statistics->struct_bytes;
  pt2__mps_lock();
  pt2_backend_statistics_t now = counts;
  now.synchronize_count = pt2__mps_stream_statistics()->wait_count;
  pt2__mps_unlock();
  now.struct_bytes = struct_bytes;
  memcpy(out_statistics, &now,
         struct_bytes < sizeof(now) ? struct_bytes : sizeof(now));
}
