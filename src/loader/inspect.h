// SPDX-License-Identifier: Apache-2.0
//
// The parts of pt2__code_inspect, by format.
#ifndef PT2_SRC_LOADER_INSPECT_H_
#define PT2_SRC_LOADER_INSPECT_H_

#include "loader/loader.h"

// Fills in the lists of a Mach-O file. On failure |info->storage| may be set;
// pt2__code_info_free frees it.
//
// Errors: CORRUPT, OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__macho_inspect(const uint8_t* data, size_t size,
                                             const char* name,
                                             pt2__code_info_t* info);

#endif  // PT2_SRC_LOADER_INSPECT_H_
