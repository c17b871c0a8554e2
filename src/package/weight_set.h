// SPDX-License-Identifier: Apache-2.0
//
// Tensors in a file, by name: where they lie and what they are. Nothing is
// copied; readers of the formats that PyTorch's users keep weights in.
#ifndef PT2_SRC_PACKAGE_WEIGHT_SET_H_
#define PT2_SRC_PACKAGE_WEIGHT_SET_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "package/archive.h"
#include "package/arena.h"
#include "package/package.h"

// One tensor. All that it reaches lies inside its storage: readers checked it.
typedef struct {
  const char* name;  // "" for a file that holds one tensor without a name
  int32_t dtype;
  int32_t rank;
  const int64_t* sizes;
  const int64_t* strides;   // elements
  uint64_t storage_offset;  // elements
  const uint8_t* storage;
  uint64_t storage_bytes;
} pt2__weight_t;

// Start with {0}. Everything lives as long as the set and the bytes that it
// was read from.
typedef struct pt2__weight_set_t {
  pt2__arena_t arena;
  pt2__weight_t* items;
  size_t count;
  // Zip archives inside: their inflated entries.
  pt2__archive_t* archives;
  size_t archive_count;
} pt2__weight_set_t;

void pt2__weight_set_free(pt2__weight_set_t* set);

// True if |bytes| begin as a file of the format does.
bool pt2__is_safetensors(pt2__bytes_t bytes);
bool pt2__is_torch_file(pt2__bytes_t bytes);

// Reads a .safetensors file: its header is believed in nothing; offsets,
// shapes, dtypes and sizes must agree, and the ranges cover the data without
// gap or overlap. |name| is for messages, here and below.
//
// Errors: CORRUPT, UNSUPPORTED (a dtype that is not known), OUT_OF_MEMORY;
//         |set| is to be freed then too
PT2_MUST_USE pt2_status_t pt2__safetensors_read(const char* name,
                                                pt2__bytes_t bytes,
                                                pt2__weight_set_t* set);

// Reads a file of torch.save (the zip format of torch 1.6 and later) that holds
// one tensor or a dict of tensors.
//
// Errors: CORRUPT; UNSUPPORTED: whatever in its pickle is not needed for
//         tensors, by name; OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__torch_file_read(const char* name,
                                               pt2__bytes_t bytes,
                                               pt2__weight_set_t* set);

// Reads the tensors that |config|, the text of a weights_config.json, names:
// {"a.weight": ["weight_0", sizes, strides, offset]}, each in a torch.save file
// of |archive|'s data/weights/, whose entries are loaded.
PT2_MUST_USE pt2_status_t
pt2__weights_config_read(const pt2__archive_t* archive, const char* label,
                         pt2__bytes_t config, pt2__weight_set_t* set);

// Where package.c keeps them.
#define PT2__WEIGHTS_FOLDER "data/weights/"

// True if a tensor of these sizes and strides that begins |offset| elements
// into a storage of |storage_bytes| bytes stays inside it.
bool pt2__weight_fits(int32_t dtype, int64_t rank, const int64_t* sizes,
                      const int64_t* strides, uint64_t offset,
                      uint64_t storage_bytes);

// ---- The pickle inside a torch.save file
// -------------------------------------

// Finds the bytes of the storage |key|, which the pickle says has |bytes|
// bytes; records why if it cannot.
typedef pt2_status_t (*pt2__pickle_storage_fn)(void* user, const char* key,
                                               uint64_t bytes,
                                               const uint8_t** out_data);

// Runs the pickle's program on a machine that knows values and tensors and
// nothing else: no code is found by name, called or loaded.
PT2_MUST_USE pt2_status_t pt2__pickle_read(const char* name, pt2__bytes_t text,
                                           pt2__pickle_storage_fn find_storage,
                                           void* user, pt2__weight_set_t* set);

#endif  // PT2_SRC_PACKAGE_WEIGHT_SET_H_
