// SPDX-License-Identifier: Apache-2.0
#include "base/struct_bytes.h"

#include <string.h>

#include "base/status.h"

// No struct is larger; more says that the first field was never set.
#define MOST_BYTES 4096

static size_t size_of(const void* given) {
  size_t bytes;
  memcpy(&bytes, given, sizeof(bytes));
  return bytes;
}

static pt2_status_t check_size(const void* given, const char* name) {
  size_t bytes = size_of(given);
  if (bytes < sizeof(size_t) || bytes > MOST_BYTES) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "%s: struct_bytes is %zu, which no such struct has", name,
                    bytes);
  }
  return PT2_STATUS_OK;
}

void pt2__struct_init(void* target, size_t struct_bytes, const void* defaults,
                      size_t known_bytes) {
  if (target == NULL || struct_bytes < sizeof(size_t)) {
    return;
  }
  memset(target, 0, struct_bytes);
  memcpy(target, defaults,
         struct_bytes < known_bytes ? struct_bytes : known_bytes);
  memcpy(target, &struct_bytes, sizeof(struct_bytes));
}

pt2_status_t pt2__struct_read(void* target, size_t known_bytes,
                              const void* given, const char* name) {
  if (given == NULL) {
    return PT2_STATUS_OK;
  }
  PT2_TRY(check_size(given, name));
  size_t bytes = size_of(given);
  const unsigned char* fields = given;
  for (size_t i = known_bytes; i < bytes; ++i) {
    if (fields[i] != 0) {
      return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                      "%s: byte %zu of %zu is set, this library knows %zu",
                      name, i, bytes, known_bytes);
    }
  }
  // All but struct_bytes: what is read is whole.
  memcpy((char*)target + sizeof(size_t), fields + sizeof(size_t),
         (bytes < known_bytes ? bytes : known_bytes) - sizeof(size_t));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__struct_fill(void* target, const void* source,
                              size_t known_bytes, const char* name) {
  if (target == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "%s: the address is NULL",
                    name);
  }
  PT2_TRY(check_size(target, name));
  pt2__struct_init(target, size_of(target), source, known_bytes);
  return PT2_STATUS_OK;
}
