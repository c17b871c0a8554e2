// SPDX-License-Identifier: Apache-2.0
//
// A whole file as bytes: mapped read-only, or memory of the caller.
#ifndef PT2_SRC_PACKAGE_MAPPING_H_
#define PT2_SRC_PACKAGE_MAPPING_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pt2/status.h"

typedef struct {
  const uint8_t* data;
  size_t size_bytes;
  int fd;  // stays open as long as the mapping, -1 if there is no file
  bool is_mapped;
} pt2__mapping_t;

#define PT2__MAPPING_NONE ((pt2__mapping_t){.fd = -1})

// Opens and maps the regular file |path|.
//
// Errors: NOT_FOUND, IO, CORRUPT (an empty file); nothing to close then.
PT2_MUST_USE pt2_status_t pt2__mapping_open(const char* path,
                                            pt2__mapping_t* out_mapping);

// The same of |fd|, which is duplicated; |name| is for messages.
PT2_MUST_USE pt2_status_t pt2__mapping_open_fd(int fd, const char* name,
                                               pt2__mapping_t* out_mapping);

void pt2__mapping_close(pt2__mapping_t* mapping);

#endif  // PT2_SRC_PACKAGE_MAPPING_H_
