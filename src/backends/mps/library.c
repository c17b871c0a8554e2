// SPDX-License-Identifier: Apache-2.0
//
// Shader libraries by source. They outlive the models that made them, up to a
// number, so that loading a model again compiles nothing.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backends/mps/mps.h"

// Libraries without a user that are kept.
#define KEPT_MAX 256

typedef struct pt2__mps_library_t {
  struct pt2__mps_library_t* next;
  pt2__metal_library_t* metal;
  pt2__mps_kernel_t* kernels;
  size_t users;
  uint64_t hash;
  char source[];
} library_t;

static library_t* libraries;  // under the lock; those used last come first
static uint64_t compiled;     // under the lock

static uint64_t hash_of(const char* text) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (; *text != '\0'; ++text) {
    hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
  }
  return hash;
}

// What PyTorch reads, with its meaning.
static bool fast_math(void) {
  const char* value = getenv("PYTORCH_MPS_FAST_MATH");
  return value != NULL && strcmp(value, "0") != 0;
}

// Takes the library of |source| out of the list.
static library_t* unlink_library(const char* source, uint64_t hash) {
  for (library_t** at = &libraries; *at != NULL; at = &(*at)->next) {
    library_t* library = *at;
    if (library->hash == hash && strcmp(library->source, source) == 0) {
      *at = library->next;
      return library;
    }
  }
  return NULL;
}

static pt2_status_t compile(const char* what, const char* source, uint64_t hash,
                            library_t** out_library) {
  size_t length = strlen(source);
  library_t* library = calloc(1, sizeof(*library) + length + 1);
  if (library == NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_OUT_OF_MEMORY,
                         "mps: out of memory: %zu bytes wanted", length);
  }
  pt2__metal_error_t error;
  library->metal = pt2__metal_library_create(source, fast_math(), &error);
  if (library->metal == NULL) {
    free(library);
    return PT2__MPS_FAIL(PT2_STATUS_MODEL_ERROR, "mps: %s does not compile: %s",
                         what, error.text);
  }
  ++compiled;
  library->hash = hash;
  memcpy(library->source, source, length + 1);
  *out_library = library;
  return PT2_STATUS_OK;
}

static pt2_status_t take(const char* what, const char* source,
                         library_t** out_library) {
  const char* why = pt2__metal_open();
  if (why != NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_INCOMPATIBLE, "mps: %s", why);
  }
  uint64_t hash = hash_of(source);
  library_t* library = unlink_library(source, hash);
  if (library == NULL) {
    PT2__MPS_TRY(compile(what, source, hash, &library));
  }
  library->next = libraries;
  libraries = library;
  ++library->users;
  *out_library = library;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__mps_library_take(const char* what, const char* source,
                                   library_t** out_library) {
  pt2__mps_lock();
  pt2_status_t status = take(what, source, out_library);
  pt2__mps_unlock();
  return status;
}

static void destroy(library_t* library) {
  while (library->kernels != NULL) {
    pt2__mps_kernel_t* kernel = library->kernels;
    library->kernels = kernel->next;
    pt2__metal_kernel_release(kernel->metal);
    free(kernel);
  }
  pt2__metal_library_release(library->metal);
  free(library);
}

// Keeps the |most| libraries without a user that were used last.
static void trim(size_t most) {
  size_t kept = 0;
  library_t** at = &libraries;
  while (*at != NULL) {
    library_t* library = *at;
    if (library->users == 0 && ++kept > most) {
      *at = library->next;
      destroy(library);
    } else {
      at = &library->next;
    }
  }
}

void pt2__mps_library_trim(void) {
  pt2__mps_lock();
  trim(0);
  pt2__mps_unlock();
}

uint64_t pt2__mps_library_compiled(void) {
  pt2__mps_lock();
  uint64_t count = compiled;
  pt2__mps_unlock();
  return count;
}

void pt2__mps_library_give_back(library_t* library) {
  pt2__mps_lock();
  if (library->users > 0 && --library->users == 0) {
    trim(KEPT_MAX);
  }
  pt2__mps_unlock();
}

static pt2_status_t create_kernel(library_t* library, const char* name,
                                  pt2__mps_kernel_t** out_kernel) {
  size_t length = strlen(name);
  pt2__mps_kernel_t* kernel = calloc(1, sizeof(*kernel) + length + 1);
  if (kernel == NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_OUT_OF_MEMORY,
                         "mps: out of memory: %zu bytes wanted",
                         sizeof(*kernel));
  }
  memcpy(kernel->name, name, length + 1);
  pt2__metal_error_t error;
  kernel->metal = pt2__metal_kernel_create(library->metal, name,
                                           &kernel->max_threads, &error);
  if (kernel->metal == NULL) {
    free(kernel);
    return PT2__MPS_FAIL(PT2_STATUS_MODEL_ERROR, "mps: kernel %s: %s", name,
                         error.text);
  }
  kernel->next = library->kernels;
  library->kernels = kernel;
  *out_kernel = kernel;
  return PT2_STATUS_OK;
}

static pt2_status_t find_kernel(library_t* library, const char* name,
                                pt2__mps_kernel_t** out_kernel) {
  for (pt2__mps_kernel_t* k = library->kernels; k != NULL; k = k->next) {
    if (strcmp(k->name, name) == 0) {
      *out_kernel = k;
      return PT2_STATUS_OK;
    }
  }
  return create_kernel(library, name, out_kernel);
}

pt2_status_t pt2__mps_library_kernel(library_t* library, const char* name,
                                     pt2__mps_kernel_t** out_kernel) {
  pt2__mps_lock();
  pt2_status_t status = find_kernel(library, name, out_kernel);
  pt2__mps_unlock();
  return status;
}
