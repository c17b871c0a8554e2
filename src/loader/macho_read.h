// SPDX-License-Identifier: Apache-2.0
//
// Little-endian numbers at any address.
#ifndef PT2_SRC_LOADER_MACHO_READ_H_
#define PT2_SRC_LOADER_MACHO_READ_H_

#include <stdint.h>

static inline uint16_t pt2__macho_u16(const uint8_t* at) {
  return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t pt2__macho_u32(const uint8_t* at) {
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
         (uint32_t)at[3] << 24;
}

static inline uint64_t pt2__macho_u64(const uint8_t* at) {
  return (uint64_t)pt2__macho_u32(at) | (uint64_t)pt2__macho_u32(at + 4) << 32;
}

#endif  // PT2_SRC_LOADER_MACHO_READ_H_
