// SPDX-License-Identifier: Apache-2.0
//
// The CRC-32 of zip archives.
#ifndef PT2_SRC_PACKAGE_CRC32_H_
#define PT2_SRC_PACKAGE_CRC32_H_

#include <stddef.h>
#include <stdint.h>

uint32_t pt2__crc32(const uint8_t* data, size_t size_bytes);

#endif  // PT2_SRC_PACKAGE_CRC32_H_
