// SPDX-License-Identifier: Apache-2.0
//
// Binding of a loaded Mach-O image's imports by address: docs/adr/0019.
#ifndef PT2_SRC_LOADER_MACHO_BIND_H_
#define PT2_SRC_LOADER_MACHO_BIND_H_

#include "loader/loader.h"
#include "loader/macho_file.h"

// Makes the memory of a segment writable, or what it was before.
typedef pt2_status_t (*pt2__macho_protect_fn)(
    void* user, void* address, const pt2__macho_segment_t* segment,
    bool writable);

// Writes, into the image of |file| whose header lies at |image|, the address of
// each import for which |resolve| returns one; the others keep what the dynamic
// linker wrote. |protect| (may be NULL) is called around the writing, for each
// segment that has such pointers.
//
// Errors: CORRUPT, UNSUPPORTED, those of |protect|
// Threads: nobody else may run code of the image meanwhile
PT2_MUST_USE pt2_status_t pt2__macho_bind(const pt2__macho_file_t* file,
                                          uint8_t* image,
                                          pt2__resolve_fn resolve,
                                          pt2__macho_protect_fn protect,
                                          void* user, size_t* out_count);

#endif  // PT2_SRC_LOADER_MACHO_BIND_H_
