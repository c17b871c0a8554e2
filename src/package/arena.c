// SPDX-License-Identifier: Apache-2.0
#include "package/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

#define ALIGNMENT 16
#define BLOCK_BYTES 4096

struct pt2__arena_block_t {
  pt2__arena_block_t* previous;
  size_t used;
  size_t capacity;
  // Keeps the payload aligned whatever the size of the fields above.
  _Alignas(ALIGNMENT) unsigned char payload[];
};

static pt2_status_t add_block(pt2__arena_t* arena, size_t bytes) {
  size_t capacity = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
  pt2__arena_block_t* block =
      pt2__malloc(sizeof(pt2__arena_block_t) + capacity);
  if (block == NULL) {
    return PT2_OUT_OF_MEMORY(capacity);
  }
  block->previous = arena->last;
  block->used = 0;
  block->capacity = capacity;
  arena->last = block;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__arena_alloc(pt2__arena_t* arena, size_t bytes,
                              void** out_memory) {
  if (bytes > SIZE_MAX / 2) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (arena->last == NULL ||
      arena->last->capacity - arena->last->used < rounded) {
    PT2_TRY(add_block(arena, rounded));
  }
  void* memory = arena->last->payload + arena->last->used;
  arena->last->used += rounded;
  memset(memory, 0, rounded);
  *out_memory = memory;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__arena_array(pt2__arena_t* arena, size_t count,
                              size_t element_bytes, void* out_array) {
  if (count > SIZE_MAX / 2 / element_bytes) {
    return PT2_OUT_OF_MEMORY(SIZE_MAX);
  }
  void* memory = NULL;
  PT2_TRY(pt2__arena_alloc(arena, count * element_bytes, &memory));
  memcpy(out_array, &memory, sizeof(memory));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__arena_text(pt2__arena_t* arena, const char* text,
                             size_t length, const char** out_text) {
  void* memory = NULL;
  PT2_TRY(pt2__arena_alloc(arena, length + 1, &memory));
  memcpy(memory, text, length);
  *out_text = memory;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__arena_printf(pt2__arena_t* arena, const char** out_text,
                               const char* format, ...) {
  va_list args;
  va_start(args, format);
  int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (length < 0) {
    return PT2_FAIL(PT2_STATUS_INTERNAL, "bad format \"%s\"", format);
  }
  void* memory = NULL;
  PT2_TRY(pt2__arena_alloc(arena, (size_t)length + 1, &memory));
  va_start(args, format);
  vsnprintf(memory, (size_t)length + 1, format, args);
  va_end(args);
  *out_text = memory;
  return PT2_STATUS_OK;
}

void pt2__arena_free(pt2__arena_t* arena) {
  while (arena->last != NULL) {
    pt2__arena_block_t* previous = arena->last->previous;
    pt2__free(arena->last);
    arena->last = previous;
  }
}
