// SPDX-License-Identifier: Apache-2.0
//
// The files of a package, wherever they lie: in a zip archive, in a folder, or
// beside a bare model.so. Names are those inside the archive, with the prefix
// folder of torch 2.8 and later taken off.
#ifndef PT2_SRC_PACKAGE_ARCHIVE_H_
#define PT2_SRC_PACKAGE_ARCHIVE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "package/arena.h"
#include "package/mapping.h"
#include "package/package.h"

// Where models lie inside a package.
#define PT2__MODELS_FOLDER "data/aotinductor/"

typedef struct {
  const char* name;   // "data/aotinductor/model/x.wrapper.so"
  const char* label;  // for messages: "net.pt2/net/data/…/x.wrapper.so"
  uint64_t size_bytes;
  // In a zip archive.
  uint64_t header_offset;
  uint64_t data_offset;
  uint64_t stored_bytes;
  uint32_t crc;
  bool is_deflated;
  // In a folder.
  const char* file_path;
  // After pt2__archive_load.
  pt2__bytes_t bytes;
  pt2__mapping_t file;
  uint8_t* inflated;
  bool is_verified;
} pt2__entry_t;

typedef struct {
  const char* name;  // path, "<fd>" or "<memory>"
  pt2__arena_t* arena;
  bool is_zip;
  bool has_prefix;     // a root folder, as torch >= 2.8 writes it
  const char* folder;  // of a package that is no archive, else NULL
  pt2__mapping_t file;
  pt2__entry_t* entries;
  size_t count;
} pt2__archive_t;

// Reads the directory of the zip archive in |archive->file|.
//
// Errors: CORRUPT, UNSUPPORTED (encrypted, compression method), OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__archive_read_zip(pt2__archive_t* archive);

// Lists an unpacked package, or a folder with a model's files in it.
//
// Errors: NOT_FOUND, IO, OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__archive_read_folder(pt2__archive_t* archive,
                                                   const char* path);

// Takes the library at |path| (NULL: only |archive->file| is known) and the
// files beside it that share its stem.
PT2_MUST_USE pt2_status_t pt2__archive_read_library(pt2__archive_t* archive,
                                                    const char* path);

// Makes |entry->bytes| available: mapped, or inflated. |verify| compares the
// CRC-32 where the archive has one; an inflated entry is always compared.
//
// Errors: CORRUPT, IO, NOT_FOUND, OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__archive_load(pt2__archive_t* archive,
                                            pt2__entry_t* entry, bool verify);

// NULL if there is none of that name.
pt2__entry_t* pt2__archive_find(const pt2__archive_t* archive,
                                const char* name);

void pt2__archive_close(pt2__archive_t* archive);

#endif  // PT2_SRC_PACKAGE_ARCHIVE_H_
