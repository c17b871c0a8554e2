// SPDX-License-Identifier: Apache-2.0
//
// The tables of a 64-bit little-endian Mach-O file (a Mac's model), read
// without Apple's headers and on any machine, never trusting a number in the
// file. The layouts are those of <mach-o/loader.h>, <mach-o/nlist.h> and
// <mach-o/fixup-chains.h>.
#ifndef PT2_SRC_LOADER_MACHO_FILE_H_
#define PT2_SRC_LOADER_MACHO_FILE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pt2/status.h"

#define PT2__MACHO_MOST_SEGMENTS 16

// Where an import is looked for, beside the number of a library from 1.
enum {
  PT2__MACHO_SELF = 0,
  PT2__MACHO_MAIN = -1,
  PT2__MACHO_FLAT = -2,  // in every loaded image: -undefined dynamic_lookup
  PT2__MACHO_WEAK = -3,
};

typedef struct {
  char name[17];
  uint64_t address;
  uint64_t bytes;  // in memory
  uint64_t file_offset;
  uint64_t file_bytes;
} pt2__macho_segment_t;

typedef struct {
  uint64_t offset;
  uint64_t bytes;
} pt2__macho_range_t;

typedef struct {
  const uint8_t* data;
  uint64_t size;
  const char* name;   // for messages
  uint32_t cpu_type;  // 0x01000007 x86_64, 0x0100000c arm64
  uint32_t file_type;
  uint64_t commands_bytes;
  uint32_t command_count;
  pt2__macho_segment_t segments[PT2__MACHO_MOST_SEGMENTS];
  size_t segment_count;
  uint64_t base;   // address of the header; images are moved as a whole
  uint64_t bytes;  // from |base| to the end of the last segment
  pt2__macho_range_t symbols;  // nlist_64
  pt2__macho_range_t strings;
  // Either the chained fix-ups, or these three programs.
  pt2__macho_range_t chained;
  pt2__macho_range_t rebase;
  pt2__macho_range_t bind;
  pt2__macho_range_t lazy_bind;
} pt2__macho_file_t;

// |data| is borrowed and may have any alignment.
//
// Errors: CORRUPT  no such file, or a table leaves it
PT2_MUST_USE pt2_status_t pt2__macho_open(const uint8_t* data, size_t size,
                                          const char* name,
                                          pt2__macho_file_t* out_file);

// Calls |visit| with the install name of each library that is needed.
typedef pt2_status_t (*pt2__macho_needed_fn)(void* user, const char* library);
PT2_MUST_USE pt2_status_t pt2__macho_visit_needed(const pt2__macho_file_t* file,
                                                  pt2__macho_needed_fn visit,
                                                  void* user);

// A symbol that others see or that is wanted of others; names have lost the
// underscore that C puts before them. Strings are borrowed from the file.
typedef struct {
  const char* name;
  bool is_import;
  bool is_private;  // defined, not for others
  bool may_be_missing;
  int library;       // of an import: its number or PT2__MACHO_*
  uint64_t address;  // of what is defined here
} pt2__macho_symbol_t;
typedef pt2_status_t (*pt2__macho_symbol_fn)(void* user,
                                             const pt2__macho_symbol_t* symbol);
PT2_MUST_USE pt2_status_t pt2__macho_visit_symbols(
    const pt2__macho_file_t* file, pt2__macho_symbol_fn visit, void* user);

// A pointer that the dynamic linker writes.
typedef struct {
  uint64_t address;    // of the pointer, in the file's addresses
  const char* symbol;  // NULL: |target| is in this image
  int library;
  bool may_be_missing;
  int64_t addend;
  uint64_t target;  // in the file's addresses
} pt2__macho_fixup_t;
typedef pt2_status_t (*pt2__macho_fixup_fn)(void* user,
                                            const pt2__macho_fixup_t* fixup);

// Errors: CORRUPT; UNSUPPORTED (a form of pointers that only Apple's own code
// has); those of |visit|
PT2_MUST_USE pt2_status_t pt2__macho_visit_fixups(const pt2__macho_file_t* file,
                                                  pt2__macho_fixup_fn visit,
                                                  void* user);

// Finds |bytes| at |address| in the file; false if they are not in it.
bool pt2__macho_locate(const pt2__macho_file_t* file, uint64_t address,
                       uint64_t bytes, uint64_t* out_offset);

#endif  // PT2_SRC_LOADER_MACHO_FILE_H_
