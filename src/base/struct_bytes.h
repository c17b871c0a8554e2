// SPDX-License-Identifier: Apache-2.0
//
// Public structs that begin with struct_bytes, the size that the caller's
// program was built with. It may be smaller or larger than this library's:
// fields are only ever appended.
#ifndef PT2_SRC_BASE_STRUCT_BYTES_H_
#define PT2_SRC_BASE_STRUCT_BYTES_H_

#include <stddef.h>

#include "pt2/status.h"

// Sets up a caller's options of |struct_bytes|: the fields of |defaults|
// (|known_bytes|, struct_bytes first) that it has, zeros for those that only a
// later library knows. Nothing beyond |struct_bytes| is written.
void pt2__struct_init(void* target, size_t struct_bytes, const void* defaults,
                      size_t known_bytes);

// Copies the fields that a caller's options have over |target|, which holds the
// defaults; |given| may be NULL.
//
// Errors: INVALID_ARGUMENT  struct_bytes is too small to be one
//         UNSUPPORTED       a field that this library does not know is set
PT2_MUST_USE pt2_status_t pt2__struct_read(void* target, size_t known_bytes,
                                           const void* given, const char* name);

// Copies |source| into a caller's result, all of it but struct_bytes: what fits
// there, zeros for what this library does not know.
//
// Errors: INVALID_ARGUMENT  NULL, or struct_bytes is too small to be one
PT2_MUST_USE pt2_status_t pt2__struct_fill(void* target, const void* source,
                                           size_t known_bytes,
                                           const char* name);

#endif  // PT2_SRC_BASE_STRUCT_BYTES_H_
