// SPDX-License-Identifier: Apache-2.0
//
// A growing byte buffer, for text that is built piece by piece.
#ifndef PT2_SRC_BASE_BUFFER_H_
#define PT2_SRC_BASE_BUFFER_H_

#include <stddef.h>

#include "pt2/status.h"

typedef struct {
  char* data;  // NUL-terminated once something was written, else NULL
  size_t length;
  size_t capacity;
} pt2__buffer_t;

// Appends bytes or printf-style text; OUT_OF_MEMORY leaves it as it was.
PT2_MUST_USE pt2_status_t pt2__buffer_append(pt2__buffer_t* buffer,
                                             const void* bytes, size_t length);
PT2_MUST_USE pt2_status_t pt2__buffer_printf(pt2__buffer_t* buffer,
                                             const char* format, ...)
    PT2_PRINTF(2, 3);
void pt2__buffer_free(pt2__buffer_t* buffer);

#endif  // PT2_SRC_BASE_BUFFER_H_
