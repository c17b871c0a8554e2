// SPDX-License-Identifier: Apache-2.0
//
// The back end as a plug-in: where it is not in the library.
#include "backends/mps/mps.h"

__attribute__((visibility("default"))) const pt2_backend_t* pt2_backend_query(
    uint32_t abi_version, const pt2_backend_host_t* host);

const pt2_backend_t* pt2_backend_query(uint32_t abi_version,
                                       const pt2_backend_host_t* host) {
  return abi_version == PT2_BACKEND_ABI_VERSION ? pt2__mps_backend(host) : NULL;
}
