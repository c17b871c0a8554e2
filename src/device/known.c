// SPDX-License-Identifier: Apache-2.0
//
// Devices of PyTorch's by name, and why they may have no runners here.
#include <string.h>

#include "device/device.h"

static const struct {
  const char* device;
  const char* reason;
} known[] = {
    {"cuda",
     "no back end for cuda is registered; one that is a plug-in is loaded with "
     "pt2_backend_load or --backend=PATH"},
    {"xpu",
     "no back end for xpu is registered; one that is a plug-in is loaded with "
     "pt2_backend_load or --backend=PATH"},
#if defined(__APPLE__)
    {"mps", "no back end for mps is registered"},
#else
    {"mps", "runners for mps exist on Apple systems only"},
#endif
};

#define KNOWN_COUNT (sizeof(known) / sizeof(known[0]))

const char* pt2__known_device(size_t index) {
  return index < KNOWN_COUNT ? known[index].device : NULL;
}

const char* pt2__known_device_reason(const char* device) {
  for (size_t i = 0; i < KNOWN_COUNT; ++i) {
    if (strcmp(known[i].device, device) == 0) {
      return known[i].reason;
    }
  }
  return NULL;
}
