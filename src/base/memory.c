// SPDX-License-Identifier: Apache-2.0
//
// Allocation of small objects, and the hook that makes allocations fail.
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/status.h"

atomic_uint_fast64_t pt2__fault_at;
static atomic_uint_fast64_t fault_count;
static atomic_bool fault_sticky;

bool pt2__fault_is_now(void) {
  uint64_t now = atomic_fetch_add(&fault_count, 1) + 1;
  uint64_t at = atomic_load(&pt2__fault_at);
  return atomic_load(&fault_sticky) ? now >= at : now == at;
}

uint64_t pt2__fault_set(uint64_t nth, bool sticky) {
  uint64_t seen = atomic_exchange(&fault_count, 0);
  atomic_store(&fault_sticky, sticky);
  atomic_store(&pt2__fault_at, nth);
  return seen;
}

void* pt2__malloc(size_t bytes) {
  return pt2__fault_strikes() ? NULL : malloc(bytes > 0 ? bytes : 1);
}

void* pt2__calloc(size_t count, size_t bytes) {
  if (count == 0 || bytes == 0) {
    count = bytes = 1;
  }
  return pt2__fault_strikes() ? NULL : calloc(count, bytes);
}

void* pt2__realloc(void* block, size_t bytes) {
  return pt2__fault_strikes() ? NULL : realloc(block, bytes > 0 ? bytes : 1);
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
