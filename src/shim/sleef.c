// SPDX-License-Identifier: Apache-2.0
#include "shim/sleef.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

static void* library;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_library(void) {
  library = dlopen("libsleef.so.3", RTLD_NOW | RTLD_LOCAL);
}

void* pt2__sleef_resolve(const char* symbol) {
  pthread_once(&once, open_library);
  return library != NULL ? dlsym(library, symbol) : NULL;
}
