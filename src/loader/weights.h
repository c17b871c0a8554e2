// SPDX-License-Identifier: Apache-2.0
//
// Where the weights of a model's shared object lie.
#ifndef PT2_SRC_LOADER_WEIGHTS_H_
#define PT2_SRC_LOADER_WEIGHTS_H_

#include "loader/elf_file.h"

#if PT2_HAVE_ELF

typedef struct {
  uint64_t offset;  // in the file
  uint64_t bytes;   // 0: the file holds none
  bool writable;    // the model changes some of them
  bool appended;    // behind the tables (force_mmap_weights)
  // Symbols that mark the section, 0 if there are none.
  uint64_t start_symbol;
  uint64_t end_symbol;
} pt2__weights_t;

void pt2__weights_find(const pt2__elf_file_t* file, pt2__weights_t* out);

#endif  // PT2_HAVE_ELF
#endif  // PT2_SRC_LOADER_WEIGHTS_H_
