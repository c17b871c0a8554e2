// SPDX-License-Identifier: Apache-2.0
//
// Loading and unloading a model's shared object.
#include "loader/library.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"

#if PT2_LOADS_ELF || PT2_LOADS_MACHO

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

pt2_status_t pt2__library_load(const pt2__model_files_t* files,
                               const pt2__library_options_t* options,
                               pt2__library_t** out_library) {
  const char* name = files->so_name != NULL ? files->so_name : "model.so";
  PT2_TRY(pt2__code_require_native(files->so.data, files->so.size_bytes, name));
  pt2__library_t* library = pt2__calloc(1, sizeof(*library));
  if (library == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*library));
  }
  library->fd = -1;
  library->so_name = name;
  library->so_data = files->so.data;
  library->so_bytes = files->so.size_bytes;
  library->model_checks_inputs = options->model_checks_inputs;
  library->tracer = options->tracer;
  atomic_init(&library->spared_bytes, 0);
  pt2_status_t status = pt2__library_open(files, options, library);
  if (status != PT2_STATUS_OK) {
    pt2__library_unload(library);
    return status;
  }
  *out_library = library;
  return PT2_STATUS_OK;
}

void pt2__library_unload(pt2__library_t* library) {
  if (library == NULL) {
    return;
  }
  pt2__library_scope_t scope = pt2__library_enter(library, false);
  pt2__thread_exit_run(library);
  if (library->handle != NULL) {
    dlclose(library->handle);
  }
  pt2__library_leave(scope);
  pt2__thread_exit_forget(library);
  pt2__hook_forget(library);
  pt2__library_forget_tensors(library);
  pt2__missing_release(library);
  if (library->own_weights != NULL) {
    munmap(library->own_weights, library->own_weights_bytes);
  }
  for (size_t i = 0; i < PT2__LENT_LIBRARIES; ++i) {
    if (library->lent[i] != NULL) {
      dlclose(library->lent[i]);
    }
  }
  if (library->fd >= 0) {
    close(library->fd);
  }
  pt2__free(library->path);
  pt2__free(library);
}

void* pt2__library_symbol(const pt2__library_t* library, const char* name) {
  return dlsym(library->handle, name);
}

const pt2__constant_map_api_t* pt2__library_constant_map_api(
    const pt2__library_t* library) {
  return library->old_string_abi ? &pt2__constant_map_old
                                 : &pt2__constant_map_cxx11;
}

bool pt2__library_copies_constants(const pt2__library_t* library) {
  return library->model_copies;
}

bool pt2__library_weights_writable(const pt2__library_t* library) {
  return library->weights_writable;
}

#else

// Other platforms need another way to bind by address.
pt2_status_t pt2__library_load(const pt2__model_files_t* files,
                               const pt2__library_options_t* options,
                               pt2__library_t** out_library) {
  (void)options;
  (void)out_library;
  return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                  "%s: models load only on Linux with glibc and on macOS",
                  files->so_name);
}

void pt2__library_unload(pt2__library_t* library) { (void)library; }

void* pt2__library_symbol(const pt2__library_t* library, const char* name) {
  (void)library;
  (void)name;
  return NULL;
}

const pt2__constant_map_api_t* pt2__library_constant_map_api(
    const pt2__library_t* library) {
  (void)library;
  return &pt2__constant_map_cxx11;
}

bool pt2__library_copies_constants(const pt2__library_t* library) {
  (void)library;
  return false;
}

bool pt2__library_weights_writable(const pt2__library_t* library) {
  (void)library;
  return false;
}

#endif
