// SPDX-License-Identifier: Apache-2.0
//
// What the loader and the runner see of a package.
#ifndef PT2_SRC_PACKAGE_PACKAGE_H_
#define PT2_SRC_PACKAGE_PACKAGE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pt2/package.h"

// Bytes inside the package: mapped, inflated or the caller's. |data| is NULL if
// there are none.
typedef struct {
  const uint8_t* data;
  size_t size_bytes;
} pt2__bytes_t;

// The files of one model. Everything lives as long as the package.
typedef struct {
  const char* name;     // "model"
  const char* so_name;  // for messages: "net.pt2/data/…/x.wrapper.so"
  pt2__bytes_t so;
  // Where |so| lies as a file: a descriptor that stays open and the offset in
  // it; -1 if the .so is only in memory (deflated, or opened from memory).
  int so_fd;
  uint64_t so_fd_offset;
  pt2__bytes_t source;        // the wrapper's C++ text
  pt2__bytes_t extern_nodes;  // JSON for the proxy executor
  pt2__bytes_t weights_blob;  // <hash>.wrapper_weights.blob
  const char* folder;         // of an unpacked package or bare .so; else NULL
  // pytree JSON as the source has it, NULL if unknown.
  const char* in_spec;
  const char* out_spec;
} pt2__model_files_t;

// The newest release, as the minor number of 2.x, that can have written the
// model; large if nothing tells. |model| must be in range.
int pt2__package_newest_torch_minor(const pt2_package_t* package, size_t model);

// |model| must be in range.
const pt2__model_files_t* pt2__package_model_files(const pt2_package_t* package,
                                                   size_t model);

// Finds the weights that lie in the package as files of torch.save
// (PT2_WEIGHTS_PICKLES). |set| starts with {0}; it lives as long as the package
// and is freed by the caller, on failure too.
//
// Errors: CORRUPT, UNSUPPORTED, OUT_OF_MEMORY
// Threads: any.
typedef struct pt2__weight_set_t pt2__weight_set_t;
PT2_MUST_USE pt2_status_t pt2__package_read_pickles(
    const pt2_package_t* package, size_t model, pt2__weight_set_t* set);

// The elements of the storage before the first of constant |index|, which has
// no place in the public facts; -1 if the package does not tell.
int64_t pt2__package_constant_offset(const pt2_package_t* package, size_t model,
                                     size_t index);

// True if the bytes lie in files that the package itself keeps.
bool pt2__package_holds(const pt2_package_t* package, const void* data,
                        size_t bytes);

#endif  // PT2_SRC_PACKAGE_PACKAGE_H_
