// SPDX-License-Identifier: Apache-2.0
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

static pt2_status_t reserve(pt2__buffer_t* buffer, size_t length) {
  if (length < buffer->capacity) {
    return PT2_STATUS_OK;
  }
  size_t capacity = buffer->capacity < 64 ? 64 : buffer->capacity;
  while (capacity <= length) {
    capacity *= 2;
  }
  char* data = pt2__realloc(buffer->data, capacity);
  if (data == NULL) {
    return PT2_OUT_OF_MEMORY(capacity);
  }
  buffer->data = data;
  buffer->capacity = capacity;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__buffer_append(pt2__buffer_t* buffer, const void* bytes,
                                size_t length) {
  PT2_TRY(reserve(buffer, buffer->length + length));
  memcpy(buffer->data + buffer->length, bytes, length);
  buffer->length += length;
  buffer->data[buffer->length] = '\0';
  return PT2_STATUS_OK;
}

pt2_status_t pt2__buffer_printf(pt2__buffer_t* buffer, const char* format,
                                ...) {
  va_list args;
  va_start(args, format);
  int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (length < 0) {
    return PT2_FAIL(PT2_STATUS_INTERNAL, "bad format \"%s\"", format);
  }
  PT2_TRY(reserve(buffer, buffer->length + (size_t)length));
  va_start(args, format);
  vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, args);
  va_end(args);
  buffer->length += (size_t)length;
  return PT2_STATUS_OK;
}

void pt2__buffer_free(pt2__buffer_t* buffer) {
  pt2__free(buffer->data);
  *buffer = (pt2__buffer_t){0};
}
