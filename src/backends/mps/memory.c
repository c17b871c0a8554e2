// SPDX-License-Identifier: Apache-2.0
//
// Memory that device and host share, and which buffer an address lies in:
// models hand over addresses, Metal wants the buffer and an offset.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backends/mps/mps.h"

typedef struct {
  char* data;
  size_t bytes;
  pt2__metal_buffer_t* buffer;
} block_t;

// By address; under the lock, as are the counts.
static block_t* blocks;
static size_t block_count;
static size_t block_capacity;
static pt2_backend_statistics_t counts;

// The number of blocks that start at or before |data|.
static size_t upper_bound(const void* data) {
  size_t low = 0;
  size_t high = block_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if ((uintptr_t)blocks[middle].data <= (uintptr_t)data) {
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
  block_t* grown = realloc(blocks, capacity * sizeof(*blocks));
  if (grown == NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_OUT_OF_MEMORY,
                         "mps: out of memory for %zu blocks", capacity);
  }
  blocks = grown;
  block_capacity = capacity;
  return PT2_STATUS_OK;
}

static pt2_status_t allocate(size_t bytes, void** out_data) {
  const char* why = pt2__metal_open();
  if (why != NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_INCOMPATIBLE, "mps: %s", why);
  }
  PT2__MPS_TRY(make_room());
  pt2__metal_error_t error;
  void* data = NULL;
  pt2__metal_buffer_t* buffer = pt2__metal_buffer_create(bytes, &data, &error);
  if (buffer == NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_OUT_OF_MEMORY,
                         "mps: out of memory: %zu bytes wanted: %s", bytes,
                         error.text);
  }
  size_t at = upper_bound(data);
  memmove(blocks + at + 1, blocks + at, (block_count - at) * sizeof(*blocks));
  blocks[at] = (block_t){data, bytes, buffer};
  ++block_count;
  counts.live_bytes += bytes;
  ++counts.live_blocks;
  ++counts.allocation_count;
  *out_data = data;
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
  if (at == 0 || blocks[at - 1].data != data) {
    return false;
  }
  block_t block = blocks[at - 1];
  memmove(blocks + at - 1, blocks + at, (block_count - at) * sizeof(*blocks));
  --block_count;
  counts.live_bytes -= block.bytes;
  --counts.live_blocks;
  pt2__metal_buffer_release(block.buffer);
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

pt2__metal_buffer_t* pt2__mps_memory_find(const void* data, size_t bytes,
                                          size_t* out_offset) {
  size_t at = upper_bound(data);
  if (at == 0) {
    return NULL;
  }
  const block_t* block = &blocks[at - 1];
  size_t offset = (size_t)((const char*)data - block->data);
  if (offset > block->bytes || bytes > block->bytes - offset) {
    return NULL;
  }
  *out_offset = offset;
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
