// SPDX-License-Identifier: Apache-2.0
//
// Memory for the many small strings and arrays that live as long as a package.
#ifndef PT2_SRC_PACKAGE_ARENA_H_
#define PT2_SRC_PACKAGE_ARENA_H_

#include <stddef.h>

#include "pt2/status.h"

typedef struct pt2__arena_block_t pt2__arena_block_t;

// Start with {0}.
typedef struct {
  pt2__arena_block_t* last;
} pt2__arena_t;

// Zeroed memory aligned to 16 bytes. Errors: OUT_OF_MEMORY.
PT2_MUST_USE pt2_status_t pt2__arena_alloc(pt2__arena_t* arena, size_t bytes,
                                           void** out_memory);

// An array of |count| elements, zeroed; the product is checked.
PT2_MUST_USE pt2_status_t pt2__arena_array(pt2__arena_t* arena, size_t count,
                                           size_t element_bytes,
                                           void* out_array);

// A NUL-terminated copy of |length| bytes.
PT2_MUST_USE pt2_status_t pt2__arena_text(pt2__arena_t* arena, const char* text,
                                          size_t length, const char** out_text);

PT2_MUST_USE pt2_status_t pt2__arena_printf(pt2__arena_t* arena,
                                            const char** out_text,
                                            const char* format, ...)
    PT2_PRINTF(3, 4);

void pt2__arena_free(pt2__arena_t* arena);

#endif  // PT2_SRC_PACKAGE_ARENA_H_
