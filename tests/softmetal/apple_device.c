// SPDX-License-Identifier: Apache-2.0
//
// The way from the plug-in with metal_apple.c to the library that it opens.
#include <dlfcn.h>
#include <stdlib.h>

#include "softmetal/control.h"

const softmetal_device_t* softmetal_find_device(void) {
  void* library = dlopen(PT2_METAL_OBJC, RTLD_LAZY);
  const softmetal_device_t* (*find)(void);
  *(void**)&find = dlsym(library, "softmetal_device");
  return find();
}

int softmetal_os_major(void);

// The macOS that this is taken for.
int softmetal_os_major(void) {
  const char* major = getenv("SOFTMETAL_MACOS");
  return major != NULL ? atoi(major) : 0;
}
