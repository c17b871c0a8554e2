// SPDX-License-Identifier: Apache-2.0
//
// A plug-in of another ABI: it knows version 99 only.
#include "pt2/backend.h"

__attribute__((visibility("default"))) const pt2_backend_t* pt2_backend_query(
    uint32_t abi_version, const pt2_backend_host_t* host);

const pt2_backend_t* pt2_backend_query(uint32_t abi_version,
                                       const pt2_backend_host_t* host) {
  static pt2_backend_t backend = {.struct_bytes = sizeof(backend),
                                  .abi_version = 99};
  (void)host;
  return abi_version == 99 ? &backend : NULL;
}
