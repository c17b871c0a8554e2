// SPDX-License-Identifier: Apache-2.0
//
// Loading an ELF model: a private copy of it, edited so that its imports are
// bound by address before any of its code runs.
#include <string.h>

#include "base/status.h"
#include "loader/library.h"

#if PT2_LOADS_ELF

#include <dlfcn.h>
#include <unistd.h>

// True if a relocation goes by symbol |index|. Without one the code reaches the
// symbol's place directly, and binding it elsewhere would not be seen.
static bool is_relocated(const pt2__elf_file_t* file, uint64_t index) {
  static const int64_t tables[2][2] = {{DT_RELA, DT_RELASZ},
                                       {DT_JMPREL, DT_PLTRELSZ}};
  for (int t = 0; t < 2; ++t) {
    uint64_t address;
    uint64_t bytes;
    uint64_t offset;
    if (!pt2__elf_dynamic_value(file, tables[t][0], &address) ||
        !pt2__elf_dynamic_value(file, tables[t][1], &bytes) ||
        !pt2__elf_locate(file, address, bytes, &offset, NULL)) {
      continue;
    }
    for (uint64_t i = 0; i < bytes / sizeof(Elf64_Rela); ++i) {
      Elf64_Rela entry;
      if (pt2__elf_read(file, offset + i * sizeof(entry), &entry,
                        sizeof(entry)) &&
          ELF64_R_SYM(entry.r_info) == index) {
        return true;
      }
    }
  }
  return false;
}

// torch >= 2.7 copies the weights of a CPU model before it uses them; what
// tells it is an export that came with the same release.
static bool copies_weights(const pt2__elf_file_t* file) {
  bool runs_single = false;
  bool has_malloc = false;
  bool has_memcpy = false;
  for (uint64_t i = 1; i < file->symbols.count; ++i) {
    Elf64_Sym symbol = pt2__elf_symbol(file, i);
    const char* name = pt2__elf_string(file, symbol.st_name);
    if (symbol.st_shndx != SHN_UNDEF) {
      runs_single =
          runs_single ||
          strcmp(name, "AOTInductorModelContainerRunSingleThreaded") == 0;
    } else {
      has_malloc = has_malloc || strcmp(name, "malloc") == 0;
      has_memcpy = has_memcpy || strcmp(name, "memcpy") == 0;
    }
  }
  return runs_single && has_malloc && has_memcpy;
}

// Decides what becomes of the weights: left out of the copy, read from the
// package, copied by the model or not.
static void plan_weights(const pt2__elf_file_t* file,
                         const pt2__weights_t* weights,
                         const pt2__model_files_t* files,
                         pt2__library_t* library, pt2__edits_t* edits) {
  library->model_copies = copies_weights(file);
  library->weights_writable = weights->writable;
  library->weights_appended = weights->appended;
  if (files->weights_blob.data != NULL) {
    library->weights = files->weights_blob.data;
    library->weights_bytes = files->weights_blob.size_bytes;
  } else if (weights->bytes > 0) {
    library->weights = file->data + weights->offset;
    library->weights_bytes = weights->bytes;
    bool aligned = (uintptr_t)library->weights % PT2__WEIGHT_ALIGNMENT == 0;
    if (!weights->appended && weights->bytes >= PT2__SPARE_MIN_BYTES &&
        (library->model_copies || (aligned && !weights->writable)) &&
        is_relocated(file, weights->start_symbol)) {
      edits->hole_offset = weights->offset;
      edits->hole_bytes = weights->bytes;
    } else if (!weights->appended) {
      library->weights = NULL;  // they are in the copy
      library->weights_bytes = 0;
    }
    library->in_place = library->weights != NULL && !library->model_copies &&
                        aligned && !weights->writable;
    if (library->in_place) {
      atomic_store(&library->spared_bytes, weights->bytes);
    }
  }
  library->code_bytes = library->so_bytes - (size_t)weights->bytes;
  library->spares_copies = library->model_copies &&
                           library->weights_bytes >= PT2__SPARE_MIN_BYTES &&
                           !weights->writable;
}

// The linker's words begin with the copy's path, which says nothing.
static pt2_status_t refused(const pt2__library_t* library) {
  const char* words = dlerror();
  if (strncmp(library->path, "/proc/", 6) == 0 &&
      access("/proc/self/fd", F_OK) != 0) {
    return PT2_FAIL(PT2_STATUS_IO,
                    "%s: models are loaded through /proc/self/fd, and /proc is "
                    "not mounted here: mount it, or give the options a "
                    "debug_copy_path",
                    library->so_name);
  }
  words = words != NULL ? words : "no reason given";
  size_t length = strlen(library->path);
  if (strncmp(words, library->path, length) == 0 && words[length] == ':') {
    words += length + 1;
    words += strspn(words, " ");
  }
  return PT2_FAIL(PT2_STATUS_INCOMPATIBLE,
                  "%s: the dynamic linker refuses it: %s", library->so_name,
                  words);
}

static pt2_status_t load(const pt2__elf_file_t* file,
                         const pt2__model_files_t* files,
                         const pt2__library_options_t* options,
                         pt2__library_t* library) {
  pt2__edits_t edits = {0};
  pt2__weights_t weights;
  pt2__weights_find(file, &weights);
  plan_weights(file, &weights, files, library, &edits);
  PT2_TRY(pt2__edits_make(file, &weights, library, options, &edits));
  pt2_status_t status = pt2__copy_write(file, &edits, options, library);
  pt2__edits_free(&edits);
  PT2_TRY(status);
  // Its initialisers call shims.
  pt2__library_scope_t scope = pt2__library_enter(library, false);
  library->handle = dlopen(library->path, RTLD_NOW | RTLD_LOCAL);
  pt2__library_leave(scope);
  return library->handle != NULL ? PT2_STATUS_OK : refused(library);
}

pt2_status_t pt2__library_open(const pt2__model_files_t* files,
                               const pt2__library_options_t* options,
                               pt2__library_t* library) {
  pt2__elf_file_t file;
  PT2_TRY(pt2__elf_file_open(files->so.data, files->so.size_bytes,
                             library->so_name, &file));
  PT2_TRY(pt2__elf_file_check(&file));
  return load(&file, files, options, library);
}

#endif  // PT2_LOADS_ELF
