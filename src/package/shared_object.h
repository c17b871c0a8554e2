// SPDX-License-Identifier: Apache-2.0
//
// The little that the package reader asks of a model's shared object: where its
// weights are and what it exports. The loader inspects the rest.
#ifndef PT2_SRC_PACKAGE_SHARED_OBJECT_H_
#define PT2_SRC_PACKAGE_SHARED_OBJECT_H_

#include <stdbool.h>
#include <stdint.h>

#include "package/package.h"
#include "package/text.h"

typedef struct {
  // The names of its dynamic symbols; empty if they cannot be found.
  pt2__span_t names;
  // What lies between _binary_constants_bin_start and _end.
  bool has_weights;
  pt2__bytes_t weights;
} pt2__shared_object_t;

// True for the first bytes of an ELF, Mach-O or PE file.
bool pt2__is_shared_object(const uint8_t* data, size_t size_bytes);

// Reads an ELF file; anything else, and whatever is damaged, gives no facts.
void pt2__shared_object_read(pt2__bytes_t file, pt2__shared_object_t* out);

#endif  // PT2_SRC_PACKAGE_SHARED_OBJECT_H_
