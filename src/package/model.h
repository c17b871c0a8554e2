// SPDX-License-Identifier: Apache-2.0
//
// One model of a package: its files chosen and read.
#ifndef PT2_SRC_PACKAGE_MODEL_H_
#define PT2_SRC_PACKAGE_MODEL_H_

#include "package/archive.h"
#include "package/facts.h"
#include "package/package.h"
#include "package/shared_object.h"

typedef struct {
  pt2__model_files_t files;
  size_t metadata_count;
  const char** metadata_keys;
  const char** metadata_values;
  pt2__facts_t facts;
  int32_t weights_kind;
  uint64_t weights_bytes;
  pt2__entry_t* weights_config;  // PT2_WEIGHTS_PICKLES only
  const char* torch_release;
  int newest_torch_minor;  // of the 2.x that may have written it
} pt2__model_t;

// Entries up to this size are compared with their CRC-32 at every open, larger
// ones only with options.verify (docs/adr/0003-crc.md).
#define PT2__ALWAYS_VERIFIED_BYTES ((uint64_t)16 << 20)

// True if |name| lies directly in |folder| (which ends in '/') and ends in
// |ending|.
bool pt2__is_file_of(const char* name, const char* folder, const char* ending);

// Reads the model in data/aotinductor/<name>/ of |archive|; it has a .so.
//
// Errors: CORRUPT, UNSUPPORTED, IO, OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__model_read(pt2__archive_t* archive,
                                          const char* name, bool verify,
                                          pt2__model_t* out_model);

// Sets what is known of the weights.
PT2_MUST_USE pt2_status_t pt2__model_find_weights(
    pt2__archive_t* archive, const pt2__shared_object_t* library,
    pt2__model_t* model);

// Sets torch_release and newest_torch_minor.
PT2_MUST_USE pt2_status_t pt2__model_tell_release(
    pt2__archive_t* archive, const pt2__shared_object_t* library,
    const char* library_name, pt2__model_t* model);

#endif  // PT2_SRC_PACKAGE_MODEL_H_
