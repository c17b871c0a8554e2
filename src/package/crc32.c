// SPDX-License-Identifier: Apache-2.0
#include "package/crc32.h"

#include <zlib.h>

uint32_t pt2__crc32(const uint8_t* data, size_t size_bytes) {
  return (uint32_t)crc32_z(0, data, size_bytes);
}
