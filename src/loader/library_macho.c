// SPDX-License-Identifier: Apache-2.0
//
// Loading a Mac's model. Its code is signed, so that no byte of the file may be
// changed: dyld finds its imports by name among this library's exports, and
// once it is loaded each is bound by address, so that another library that
// exports the same names (libtorch) is never called. docs/adr/0019-mach-o.md
#include "loader/library.h"

#if PT2_LOADS_MACHO

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <mach/mach.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "loader/macho_bind.h"

// ---- The file that dyld gets -----------------------------------------------

static pt2_status_t write_all(int fd, const uint8_t* data, size_t bytes,
                              const char* path) {
  while (bytes > 0) {
    ssize_t wrote = write(fd, data, bytes);
    if (wrote < 0 && errno != EINTR) {
      return PT2_FAIL(PT2_STATUS_IO, "%s: %s", path, strerror(errno));
    }
    data += wrote > 0 ? wrote : 0;
    bytes -= wrote > 0 ? (size_t)wrote : 0;
  }
  return PT2_STATUS_OK;
}

static const char* temporary_folder(const pt2__library_options_t* options) {
  const char* folder = options->temp_folder;
  folder = folder != NULL ? folder : getenv("TMPDIR");
  return folder != NULL && folder[0] != '\0' ? folder : "/tmp";
}

// Sets |library->path|; |*out_fd| is open on it.
static pt2_status_t open_copy(const pt2__library_options_t* options,
                              pt2__library_t* library, int* out_fd) {
  const char* given = options->debug_copy_path;
  const char* folder = temporary_folder(options);
  size_t bytes = (given != NULL ? strlen(given) : strlen(folder)) + 32;
  library->path = pt2__malloc(bytes);
  if (library->path == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  if (given != NULL) {
    snprintf(library->path, bytes, "%s", given);
    *out_fd = open(given, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
  } else {
    snprintf(library->path, bytes, "%s/pt2-model-XXXXXX", folder);
    *out_fd = mkstemp(library->path);
  }
  return *out_fd >= 0 ? PT2_STATUS_OK
                      : PT2_FAIL(PT2_STATUS_IO, "%s: %s", library->path,
                                 strerror(errno));
}

// ---- dyld ------------------------------------------------------------------

// A host may have loaded this library for itself alone (Python does): its names
// must be found by all.
static void make_names_global(void) {
  Dl_info here;
  if (dladdr((const void*)pt2__library_open, &here) != 0) {
    dlopen(here.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD);
  }
}

static pt2_status_t refused(const pt2__library_t* library) {
  const char* words = dlerror();
  return PT2_FAIL(PT2_STATUS_INCOMPATIBLE,
                  "%s: the dynamic linker refuses it: %s", library->so_name,
                  words != NULL ? words : "no reason given");
}

typedef struct {
  const char* exported;  // any function of the model
  bool runs_single;
  bool has_malloc;
  bool has_memcpy;
} symbols_t;

static pt2_status_t look_at(void* user, const pt2__macho_symbol_t* symbol) {
  symbols_t* symbols = user;
  if (symbol->is_import) {
    symbols->has_malloc |= strcmp(symbol->name, "malloc") == 0;
    symbols->has_memcpy |= strcmp(symbol->name, "memcpy") == 0;
  } else if (!symbol->is_private &&
             strncmp(symbol->name, "AOTInductor", 11) == 0) {
    symbols->exported = symbol->name;
    symbols->runs_single |=
        strcmp(symbol->name, "AOTInductorModelContainerRunSingleThreaded") == 0;
  }
  return PT2_STATUS_OK;
}

// ---- Binding ---------------------------------------------------------------

typedef struct {
  pt2__library_t* library;
  const pt2__library_options_t* options;
} resolver_t;

static void* resolve(void* user, const char* symbol) {
  const resolver_t* resolver = user;
  void* address = pt2__hook_find(resolver->library, symbol);
  if (address == NULL && resolver->options->resolve != NULL) {
    address = resolver->options->resolve(resolver->options->user, symbol);
  }
  return address;
}

static pt2_status_t protect(void* user, void* address,
                            const pt2__macho_segment_t* segment,
                            bool writable) {
  const resolver_t* resolver = user;
  bool is_constant = strcmp(segment->name, "__DATA_CONST") == 0;
  if (!is_constant) {
    return PT2_STATUS_OK;  // the others can be written anyway
  }
  vm_prot_t wanted =
      writable ? VM_PROT_READ | VM_PROT_WRITE | VM_PROT_COPY : VM_PROT_READ;
  kern_return_t result = vm_protect(mach_task_self(), (vm_address_t)address,
                                    (vm_size_t)segment->bytes, false, wanted);
  return result == KERN_SUCCESS
             ? PT2_STATUS_OK
             : PT2_FAIL(PT2_STATUS_INTERNAL,
                        "%s: its imports cannot be bound: vm_protect says %d",
                        resolver->library->so_name, result);
}

static pt2_status_t bind(const pt2__macho_file_t* file, const char* exported,
                         const pt2__library_options_t* options,
                         pt2__library_t* library) {
  Dl_info info;
  void* address = dlsym(library->handle, exported);
  if (address == NULL || dladdr(address, &info) == 0) {
    return refused(library);
  }
  resolver_t resolver = {library, options};
  size_t count;
  return pt2__macho_bind(file, info.dli_fbase, resolve, protect, &resolver,
                         &count);
}

pt2_status_t pt2__library_open(const pt2__model_files_t* files,
                               const pt2__library_options_t* options,
                               pt2__library_t* library) {
  pt2__macho_file_t file;
  symbols_t symbols = {0};
  PT2_TRY(pt2__macho_open(files->so.data, files->so.size_bytes,
                          library->so_name, &file));
  PT2_TRY(pt2__macho_visit_symbols(&file, look_at, &symbols));
  if (symbols.exported == NULL) {
    return PT2_FAIL(PT2_STATUS_INCOMPATIBLE,
                    "%s: no AOTInductor model: it exports none of its "
                    "functions",
                    library->so_name);
  }
  library->model_copies =
      symbols.runs_single && symbols.has_malloc && symbols.has_memcpy;
  library->code_bytes = library->so_bytes;
  int fd = -1;
  PT2_TRY(open_copy(options, library, &fd));
  pt2_status_t status =
      write_all(fd, library->so_data, library->so_bytes, library->path);
  close(fd);
  if (status == PT2_STATUS_OK) {
    make_names_global();
    // Its initialisers call shims.
    pt2__library_scope_t scope = pt2__library_enter(library, false);
    library->handle = dlopen(library->path, RTLD_NOW | RTLD_LOCAL);
    pt2__library_leave(scope);
    status = library->handle != NULL
                 ? bind(&file, symbols.exported, options, library)
                 : refused(library);
  }
  if (options->debug_copy_path == NULL) {
    unlink(library->path);
  }
  return status;
}

#endif  // PT2_LOADS_MACHO
