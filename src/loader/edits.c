// SPDX-License-Identifier: Apache-2.0
//
// The edits that make a stock model.so load without libtorch, beside one, and
// go away again.
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "loader/library.h"

#if PT2_HAVE_ELF

// A tag that no dynamic linker knows, so that it skips the entry.
#define IGNORED_TAG 0x6fff1234

static bool starts_with(const char* text, const char* prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_torch_library(const char* name) {
  return starts_with(name, "libtorch") || starts_with(name, "libc10");
}

static bool is_torch_symbol(const char* name) {
  return starts_with(name, "aoti_") || starts_with(name, "torch_");
}

// ---- Symbols ---------------------------------------------------------------

// glibc (>= 2.28) relocates to an absolute hidden symbol without a look-up.
static void bind(Elf64_Sym* symbol, const void* address) {
  symbol->st_info = ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE);
  symbol->st_other = STV_HIDDEN;
  symbol->st_shndx = SHN_ABS;
  symbol->st_value = (Elf64_Addr)(uintptr_t)address;
}

// Libraries that the linker found in libtorch when the package was made: such a
// package does not name them.
static const char* const lent_names[PT2__LENT_LIBRARIES] = {
    "libstdc++.so.6", "libgcc_s.so.1", "libgomp.so.1", "libm.so.6"};

static bool names_library(const pt2__elf_file_t* file, const char* library) {
  for (uint64_t i = 0; i < file->dynamic_used; ++i) {
    Elf64_Dyn entry = pt2__elf_dynamic(file, i);
    if (entry.d_tag == DT_NEEDED &&
        strcmp(pt2__elf_string(file, entry.d_un.d_val), library) == 0) {
      return true;
    }
  }
  return false;
}

static void open_lent(const pt2__elf_file_t* file, pt2__library_t* library) {
  for (size_t i = 0; i < PT2__LENT_LIBRARIES; ++i) {
    if (!names_library(file, lent_names[i])) {
      library->lent[i] = dlopen(lent_names[i], RTLD_LAZY | RTLD_LOCAL);
    }
  }
}

static void* find_in(void* handle, const char* name, const char* version) {
  return version != NULL ? dlvsym(handle, name, version) : dlsym(handle, name);
}

// The address of |name| in the libraries that the package should have named;
// NULL if the dynamic linker will find it in the process by itself. It comes
// first: a lent library also finds what it needs itself, and a host's own
// malloc or an instrumented lock must not be passed by.
static void* find_lent(const pt2__elf_file_t* file, uint64_t index,
                       const char* name, const pt2__library_t* library,
                       void* process) {
  const char* version = NULL;
  bool asked = false;
  for (size_t i = 0; i < PT2__LENT_LIBRARIES; ++i) {
    if (library->lent[i] == NULL) {
      continue;
    }
    if (!asked) {
      asked = true;
      version = pt2__elf_symbol_version(file, index);
      if (process != NULL && find_in(process, name, version) != NULL) {
        return NULL;
      }
    }
    void* address = find_in(library->lent[i], name, version);
    if (address != NULL) {
      return address;
    }
  }
  return NULL;
}

static void bind_import(const pt2__elf_file_t* file, uint64_t index,
                        pt2__library_t* library,
                        const pt2__library_options_t* options, void* process,
                        Elf64_Sym* symbol) {
  const char* name = pt2__elf_string(file, symbol->st_name);
  if (*name == '\0' || ELF64_ST_TYPE(symbol->st_info) == STT_TLS) {
    return;
  }
  void* address = pt2__hook_find(library, name);
  if (address == NULL && options->resolve != NULL) {
    address = options->resolve(options->user, name);
  }
  if (address == NULL && is_torch_symbol(name)) {
    address = pt2__missing_stub(library, name);
  }
  if (address == NULL && ELF64_ST_BIND(symbol->st_info) != STB_WEAK) {
    address = find_lent(file, index, name, library, process);
  }
  if (address != NULL) {
    bind(symbol, address);
  }
}

static pt2_status_t edit_symbols(const pt2__elf_file_t* file,
                                 const pt2__weights_t* weights,
                                 pt2__library_t* library,
                                 const pt2__library_options_t* options,
                                 pt2__edits_t* edits) {
  size_t count = (size_t)file->symbols.count;
  edits->symbols = pt2__malloc(count * sizeof(*edits->symbols));
  if (edits->symbols == NULL) {
    return PT2_OUT_OF_MEMORY(count * sizeof(*edits->symbols));
  }
  void* process = dlopen(NULL, RTLD_LAZY);
  for (size_t i = 0; i < count; ++i) {
    Elf64_Sym symbol = pt2__elf_symbol(file, i);
    if (i > 0 && symbol.st_shndx == SHN_UNDEF) {
      library->old_string_abi |=
          pt2__elf_is_old_string(pt2__elf_string(file, symbol.st_name));
      bind_import(file, i, library, options, process, &symbol);
    } else if (ELF64_ST_BIND(symbol.st_info) == STB_GNU_UNIQUE) {
      // A unique symbol would pin the library for ever.
      symbol.st_info = ELF64_ST_INFO(STB_WEAK, ELF64_ST_TYPE(symbol.st_info));
    }
    edits->symbols[i] = symbol;
  }
  if (process != NULL) {
    dlclose(process);
  }
  if (edits->hole_bytes > 0) {
    bind(&edits->symbols[weights->start_symbol], library->weights);
    bind(&edits->symbols[weights->end_symbol],
         library->weights + weights->bytes);
  }
  return PT2_STATUS_OK;
}

// ---- Dynamic section and segments ------------------------------------------

// Makes the model bind to its own symbols first: its weak C++ must not meet
// that of the host program.
static void make_symbolic(const pt2__elf_file_t* file, Elf64_Dyn* dynamic) {
  Elf64_Dyn* slot = NULL;
  for (uint64_t i = 0; i < file->dynamic_used; ++i) {
    Elf64_Dyn* entry = &dynamic[i];
    if (entry->d_tag == DT_FLAGS) {
      entry->d_un.d_val |= DF_SYMBOLIC;
      return;
    }
    // Without a count the linker tells relative relocations by their type.
    if (entry->d_tag == IGNORED_TAG || entry->d_tag == DT_SYMBOLIC ||
        (slot == NULL && entry->d_tag == DT_RELACOUNT)) {
      slot = entry;
    }
  }
  // Linkers leave spare entries at the end; one must stay to end the list.
  if (file->dynamic_used + 1 < file->dynamic.count &&
      dynamic[file->dynamic_used + 1].d_tag == DT_NULL &&
      (slot == NULL || slot->d_tag == DT_RELACOUNT)) {
    slot = &dynamic[file->dynamic_used];
  }
  if (slot != NULL) {
    slot->d_tag = DT_SYMBOLIC;
    slot->d_un.d_val = 0;
  }
}

static pt2_status_t edit_dynamic(const pt2__elf_file_t* file,
                                 pt2__edits_t* edits) {
  size_t count = (size_t)file->dynamic.count;
  edits->dynamic = pt2__malloc(count * sizeof(*edits->dynamic));
  if (edits->dynamic == NULL) {
    return PT2_OUT_OF_MEMORY(count * sizeof(*edits->dynamic));
  }
  for (size_t i = 0; i < count; ++i) {
    Elf64_Dyn entry = pt2__elf_dynamic(file, i);
    if (i < file->dynamic_used && entry.d_tag == DT_NEEDED &&
        is_torch_library(pt2__elf_string(file, entry.d_un.d_val))) {
      entry.d_tag = IGNORED_TAG;
    } else if (i < file->dynamic_used && entry.d_tag == DT_FLAGS_1) {
      entry.d_un.d_val &= ~(Elf64_Xword)(DF_1_NODELETE | DF_1_GLOBAL);
    }
    edits->dynamic[i] = entry;
  }
  make_symbolic(file, edits->dynamic);
  return PT2_STATUS_OK;
}

static pt2_status_t edit_segments(const pt2__elf_file_t* file,
                                  pt2__edits_t* edits) {
  size_t count = (size_t)file->segments.count;
  edits->segments = pt2__malloc(count * sizeof(*edits->segments));
  if (edits->segments == NULL) {
    return PT2_OUT_OF_MEMORY(count * sizeof(*edits->segments));
  }
  for (size_t i = 0; i < count; ++i) {
    edits->segments[i] = pt2__elf_segment(file, i);
    if (edits->segments[i].p_type == PT_GNU_STACK) {
      // The assembler wrote it for the weights, which need no such stack;
      // glibc (>= 2.41) refuses it.
      edits->segments[i].p_flags &= ~(Elf64_Word)PF_X;
    }
  }
  return PT2_STATUS_OK;
}

// ---- Libraries -------------------------------------------------------------

// The dynamic linker takes it for granted that a library whose version is asked
// for is one that it loads or has loaded.
static pt2_status_t check_library(void* user, const char* library,
                                  const char* version, uint16_t index) {
  (void)index;
  const pt2__elf_file_t* file = user;
  if (names_library(file, library) && !is_torch_library(library)) {
    return PT2_STATUS_OK;
  }
  void* handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
  if (handle == NULL) {
    return PT2_FAIL(PT2_STATUS_INCOMPATIBLE,
                    "%s: needs version %s of %s, which is not here", file->name,
                    version, library);
  }
  dlclose(handle);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__edits_make(const pt2__elf_file_t* file,
                             const pt2__weights_t* weights,
                             pt2__library_t* library,
                             const pt2__library_options_t* options,
                             pt2__edits_t* out_edits) {
  pt2__edits_t edits = {.header = file->header,
                        .hole_offset = out_edits->hole_offset,
                        .hole_bytes = out_edits->hole_bytes};
  open_lent(file, library);
  pt2_status_t status =
      pt2__elf_visit_needs(file, check_library, (void*)(uintptr_t)file);
  if (status == PT2_STATUS_OK) {
    status = edit_symbols(file, weights, library, options, &edits);
  }
  if (status == PT2_STATUS_OK) {
    status = edit_dynamic(file, &edits);
  }
  if (status == PT2_STATUS_OK) {
    status = edit_segments(file, &edits);
  }
  if (status != PT2_STATUS_OK) {
    pt2__edits_free(&edits);
    return status;
  }
  *out_edits = edits;
  return PT2_STATUS_OK;
}

void pt2__edits_free(pt2__edits_t* edits) {
  pt2__free(edits->symbols);
  pt2__free(edits->dynamic);
  pt2__free(edits->segments);
  *edits = (pt2__edits_t){0};
}

#endif  // PT2_HAVE_ELF
