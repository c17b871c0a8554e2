// SPDX-License-Identifier: Apache-2.0
//
// What the files of the loader share about a loaded model.
#ifndef PT2_SRC_LOADER_LIBRARY_H_
#define PT2_SRC_LOADER_LIBRARY_H_

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "loader/elf_file.h"
#include "loader/loader.h"
#include "loader/weights.h"

// Which kind of model this platform loads.
#if PT2_HAVE_ELF && defined(__GLIBC__)
#define PT2_LOADS_ELF 1
#else
#define PT2_LOADS_ELF 0
#endif
#if defined(__APPLE__)
#define PT2_LOADS_MACHO 1
#else
#define PT2_LOADS_MACHO 0
#endif

// Copies of fewer bytes are made for real: a tensor in the package saves
// nothing then.
#if !defined(PT2__SPARE_MIN_BYTES)
#define PT2__SPARE_MIN_BYTES 4096
#endif

// What a kernel may assume of a weight's address, since malloc gives no more.
#define PT2__WEIGHT_ALIGNMENT 16

#define PT2__MISSING_SLOTS 128

// Libraries that a model may need without naming them, held open for it.
#define PT2__LENT_LIBRARIES 4

struct pt2__library_t {
  void* handle;
  // (ELF) The copy's descriptor stays open: its number is in the path by which
  // the dynamic linker tells libraries apart.
  int fd;
  dev_t device;
  ino_t inode;
  char* path;
  const char* so_name;  // borrowed from the package, as is all below
  const uint8_t* so_data;
  size_t so_bytes;
  size_t code_bytes;  // of the private copy, weights apart
  // Weights in the package, where copies of them may be spared.
  const uint8_t* weights;
  uint64_t weights_bytes;
  bool weights_writable;
  bool weights_appended;
  bool model_copies;   // torch >= 2.7: the model copies its weights first
  bool spares_copies;  // … and need not
  bool in_place;       // its tensors lie in |weights| without a copy
  atomic_uint_fast64_t spared_bytes;
  void* own_weights;  // a private mapping made for the model
  size_t own_weights_bytes;
  bool model_checks_inputs;
  void* tracer;
  bool old_string_abi;  // its std::string is the one before __cxx11
  int notes;            // PT2__NOTE_*
  void** noted;         // tensors of that kind
  size_t noted_count;
  size_t noted_capacity;
  uint64_t missing[PT2__MISSING_SLOTS / 64];  // slots held
  void* lent[PT2__LENT_LIBRARIES];
};

// Loads the code of |files| into |library|, whose fields about the options are
// set: library_elf.c, library_macho.c. What it leaves behind on failure,
// pt2__library_unload frees.
PT2_MUST_USE pt2_status_t pt2__library_open(
    const pt2__model_files_t* files, const pt2__library_options_t* options,
    pt2__library_t* library);

// The library whose code runs on this thread, NULL if none does.
pt2__library_t* pt2__library_current(void);

// The function that answers to |symbol| in |library| instead of the C
// library's; NULL if its own will do.
void* pt2__hook_find(const pt2__library_t* library, const char* symbol);

// Forgets the blocks that |library| noted copies in.
void pt2__hook_forget(pt2__library_t* library);

// A function that fails with |symbol|'s name; |library| holds its slot until
// pt2__missing_release. When all slots are taken: one that names nothing.
void* pt2__missing_stub(pt2__library_t* library, const char* symbol);
void pt2__missing_release(pt2__library_t* library);

// The model's __cxa_thread_atexit: runs |destroy(object)| when this thread ends
// or the model is unloaded, whichever is first.
int pt2__thread_exit_register(void (*destroy)(void*), void* object,
                              void* owner);
// Runs what is left of |library| on all threads.
void pt2__thread_exit_run(pt2__library_t* library);
// Drops, without running it, what its last destructors registered: their code
// is gone.
void pt2__thread_exit_forget(const pt2__library_t* library);

#if PT2_HAVE_ELF
// The edited tables of a private copy, and the part of the file that it leaves
// out.
typedef struct {
  Elf64_Ehdr header;
  Elf64_Phdr* segments;
  Elf64_Dyn* dynamic;
  Elf64_Sym* symbols;
  uint64_t hole_offset;
  uint64_t hole_bytes;
} pt2__edits_t;

// Makes all edits for |library|, whose fields about weights are set.
//
// Errors: INCOMPATIBLE (it needs a library that is not there), OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__edits_make(const pt2__elf_file_t* file,
                                          const pt2__weights_t* weights,
                                          pt2__library_t* library,
                                          const pt2__library_options_t* options,
                                          pt2__edits_t* out_edits);
void pt2__edits_free(pt2__edits_t* edits);

// Writes the copy to a file that no one else sees (or to
// |options->debug_copy_path|), sets |library->fd|, |path|, |device|, |inode|.
//
// Errors: IO, OUT_OF_MEMORY; |library| then holds nothing new
PT2_MUST_USE pt2_status_t pt2__copy_write(const pt2__elf_file_t* file,
                                          const pt2__edits_t* edits,
                                          const pt2__library_options_t* options,
                                          pt2__library_t* library);
#endif  // PT2_HAVE_ELF

#endif  // PT2_SRC_LOADER_LIBRARY_H_
