// SPDX-License-Identifier: Apache-2.0
//
// Back ends in shared libraries.
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/status.h"
#include "device/device.h"
#include "pt2/op.h"
#include "pt2/pt2.h"

static const pt2_backend_host_t host = {.struct_bytes = sizeof(host),
                                        .set_error = pt2_op_set_error,
                                        .shim_symbol = pt2_shim_symbol};

static pt2_status_t open_library(const char* path, void** out_library) {
  if (access(path, F_OK) != 0) {
    return PT2_FAIL(PT2_STATUS_NOT_FOUND, "back end %s: no such file", path);
  }
  // A name without a slash would be looked for elsewhere.
  pt2__buffer_t name = {0};
  PT2_TRY(pt2__buffer_printf(&name, "%s%s",
                             strchr(path, '/') == NULL ? "./" : "", path));
  void* library = dlopen(name.data, RTLD_NOW | RTLD_LOCAL);
  pt2__buffer_free(&name);
  if (library == NULL) {
    const char* text = dlerror();
    return PT2_FAIL(PT2_STATUS_INCOMPATIBLE, "back end %s: %s", path,
                    text != NULL ? text : "the dynamic linker refused it");
  }
  *out_library = library;
  return PT2_STATUS_OK;
}

static pt2_status_t query(const char* path, void* library,
                          const pt2_backend_t** out_backend) {
  pt2_backend_query_fn function;
  *(void**)&function = dlsym(library, "pt2_backend_query");
  if (function == NULL) {
    return PT2_FAIL(PT2_STATUS_NOT_FOUND,
                    "back end %s: the library does not export "
                    "pt2_backend_query",
                    path);
  }
  const pt2_backend_t* backend = function(PT2_BACKEND_ABI_VERSION, &host);
  if (backend == NULL) {
    return PT2_FAIL(PT2_STATUS_INCOMPATIBLE,
                    "back end %s: it was built for another ABI version than "
                    "%u, which this library has",
                    path, (unsigned)PT2_BACKEND_ABI_VERSION);
  }
  *out_backend = backend;
  return PT2_STATUS_OK;
}

pt2_status_t pt2_backend_load(const char* path, const char** out_device) {
  pt2__error_begin();
  if (path == NULL || path[0] == '\0') {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "the path of a back end may not be NULL or empty");
  }
  void* library = NULL;
  PT2_TRY(open_library(path, &library));
  const pt2_backend_t* backend = NULL;
  pt2_status_t status = query(path, library, &backend);
  if (status == PT2_STATUS_OK) {
    status = pt2_backend_register(backend);
    if (status != PT2_STATUS_OK) {
      pt2__error_prefix("back end %s", path);
    }
  }
  if (status != PT2_STATUS_OK) {
    dlclose(library);
    return status;
  }
  // The library stays open: its functions are the back end.
  if (out_device != NULL) {
    *out_device = backend->device;
  }
  return PT2_STATUS_OK;
}
