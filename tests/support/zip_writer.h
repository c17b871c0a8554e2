// SPDX-License-Identifier: Apache-2.0
//
// Writes zip archives byte by byte, so that a test can make wrong ones. Not for
// anything but tests: it aborts when out of memory.
#ifndef PT2_TESTS_SUPPORT_ZIP_WRITER_H_
#define PT2_TESTS_SUPPORT_ZIP_WRITER_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

typedef struct {
  uint8_t* data;
  size_t size;
  size_t capacity;
} zip_bytes_t;

typedef struct {
  const char* name;
  const void* data;
  size_t size;  // strlen of |data| if 0 and |data| is text
  bool deflate;
  bool data_descriptor;  // sizes and CRC behind the data, as torch >= 2.8
  bool zip64;            // sizes and offset in the zip64 extra field
  // What is wrong with it; 0 or NULL: nothing.
  const char* local_name;
  uint32_t crc_xor;        // in both headers
  uint32_t local_crc_xor;  // in the local one only
  uint16_t method;         // claimed, in both
  uint16_t flags;          // added, in both
  uint32_t claimed_size;   // uncompressed, in both
  uint32_t claimed_stored;
  uint32_t offset_shift;  // added to the offset of the local header
} zip_item_t;

typedef struct {
  bool zip64;             // zip64 end record and locator
  uint32_t count_shift;   // added to the number of entries
  size_t trailing_bytes;  // behind the end record
  size_t pad_data_to;     // alignment of data by the local extra field
} zip_options_t;

static inline void zip_put(zip_bytes_t* out, const void* data, size_t size) {
  if (out->data == NULL || out->size + size > out->capacity) {
    out->capacity = 2 * (out->size + size) + 256;
    out->data = realloc(out->data, out->capacity);
    if (out->data == NULL) {
      abort();
    }
  }
  if (size > 0) {
    memcpy(out->data + out->size, data, size);
  }
  out->size += size;
}

static inline void zip_number(zip_bytes_t* out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) {
    uint8_t byte = i < 8 ? (uint8_t)(value >> (8 * i)) : 0;
    zip_put(out, &byte, 1);
  }
}

// Deflates without the zlib header, as zip wants it.
static inline zip_bytes_t zip_deflate(const void* data, size_t size) {
  z_stream stream = {0};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  zip_bytes_t out = {malloc(deflateBound(&stream, size) + 16), 0, 0};
  stream.next_in = (Bytef*)(uintptr_t)data;
  stream.avail_in = (uInt)size;
  stream.next_out = out.data;
  stream.avail_out = (uInt)(deflateBound(&stream, size) + 16);
  deflate(&stream, Z_FINISH);
  out.size = stream.total_out;
  deflateEnd(&stream);
  return out;
}

// The fields that both headers share, from "version needed" to the sizes.
static inline void zip_common(zip_bytes_t* out, const zip_item_t* item,
                              bool is_local, uint32_t crc, size_t stored) {
  bool hidden = is_local && item->data_descriptor;
  uint16_t method = item->method ? item->method : item->deflate ? 8 : 0;
  zip_number(out, 45, 2);
  zip_number(out, (item->data_descriptor ? 8u : 0u) | item->flags, 2);
  zip_number(out, method, 2);
  zip_number(out, 0, 4);  // time and date
  crc ^= item->crc_xor ^ (is_local ? item->local_crc_xor : 0);
  zip_number(out, hidden ? 0 : crc, 4);
  uint64_t claimed = item->claimed_size ? item->claimed_size : item->size;
  uint64_t packed = item->claimed_stored ? item->claimed_stored : stored;
  zip_number(out, hidden ? 0 : item->zip64 ? 0xffffffffu : packed, 4);
  zip_number(out, hidden ? 0 : item->zip64 ? 0xffffffffu : claimed, 4);
}

static inline void zip_local(zip_bytes_t* out, const zip_item_t* item,
                             const zip_options_t* options, uint32_t crc,
                             const zip_bytes_t* stored) {
  const char* name = item->local_name ? item->local_name : item->name;
  zip_number(out, 0x04034b50u, 4);
  zip_common(out, item, true, crc, stored->size);
  zip_number(out, strlen(name), 2);
  size_t extra = item->zip64 ? 20 : 0;
  size_t data = out->size + 2 + strlen(name) + extra;
  size_t pad =
      options->pad_data_to > 0
          ? 4 + (options->pad_data_to - (data + 4) % options->pad_data_to) %
                    options->pad_data_to
          : 0;
  zip_number(out, extra + pad, 2);
  zip_put(out, name, strlen(name));
  if (item->zip64) {
    zip_number(out, 1, 2);
    zip_number(out, 16, 2);
    zip_number(out, item->size, 8);
    zip_number(out, stored->size, 8);
  }
  if (pad > 0) {
    zip_number(out, 0x4246, 2);  // "FB", as PyTorchFileWriter
    zip_number(out, pad - 4, 2);
    for (size_t i = 4; i < pad; ++i) {
      zip_put(out, "Z", 1);
    }
  }
  zip_put(out, stored->data, stored->size);
  if (item->data_descriptor) {
    zip_number(out, 0x08074b50u, 4);
    zip_number(out, crc, 4);
    zip_number(out, stored->size, 4);
    zip_number(out, item->size, 4);
  }
}

static inline void zip_record(zip_bytes_t* out, const zip_item_t* item,
                              uint32_t crc, size_t stored, uint64_t offset) {
  offset += item->offset_shift;
  zip_number(out, 0x02014b50u, 4);
  zip_number(out, 45, 2);
  zip_common(out, item, false, crc, stored);
  zip_number(out, strlen(item->name), 2);
  zip_number(out, item->zip64 ? 28 : 0, 2);
  zip_number(out, 0, 2);  // comment
  zip_number(out, 0, 2);  // disk
  zip_number(out, 0, 2);
  zip_number(out, 0, 4);
  zip_number(out, item->zip64 ? 0xffffffffu : offset, 4);
  zip_put(out, item->name, strlen(item->name));
  if (item->zip64) {
    zip_number(out, 1, 2);
    zip_number(out, 24, 2);
    zip_number(out, item->size, 8);
    zip_number(out, stored, 8);
    zip_number(out, offset, 8);
  }
}

static inline void zip_end(zip_bytes_t* out, const zip_options_t* options,
                           size_t count, uint64_t begin, uint64_t size) {
  count += options->count_shift;
  if (options->zip64) {
    uint64_t at = out->size;
    zip_number(out, 0x06064b50u, 4);
    zip_number(out, 44, 8);
    zip_number(out, 45, 2);
    zip_number(out, 45, 2);
    zip_number(out, 0, 8);
    zip_number(out, count, 8);
    zip_number(out, count, 8);
    zip_number(out, size, 8);
    zip_number(out, begin, 8);
    zip_number(out, 0x07064b50u, 4);
    zip_number(out, 0, 4);
    zip_number(out, at, 8);
    zip_number(out, 1, 4);
  }
  zip_number(out, 0x06054b50u, 4);
  zip_number(out, 0, 4);
  zip_number(out, options->zip64 ? 0xffff : count, 2);
  zip_number(out, options->zip64 ? 0xffff : count, 2);
  zip_number(out, options->zip64 ? 0xffffffffu : size, 4);
  zip_number(out, options->zip64 ? 0xffffffffu : begin, 4);
  zip_number(out, 0, 2);
}

// Free the result's data with free().
static inline zip_bytes_t zip_make(const zip_item_t* items, size_t count,
                                   zip_options_t options) {
  zip_bytes_t out = {0};
  zip_bytes_t stored[64];
  uint64_t offsets[64];
  uint32_t crcs[64];
  zip_item_t copies[64];
  for (size_t i = 0; i < count && i < 64; ++i) {
    copies[i] = items[i];
    zip_item_t* item = &copies[i];
    if (item->size == 0 && item->data != NULL) {
      item->size = strlen(item->data);
    }
    const void* data = item->data != NULL ? item->data : "";
    crcs[i] = (uint32_t)crc32_z(0, data, item->size);
    stored[i] = (zip_bytes_t){0};
    if (item->deflate) {
      stored[i] = zip_deflate(data, item->size);
    } else {
      zip_put(&stored[i], data, item->size);
    }
    offsets[i] = out.size;
    zip_local(&out, item, &options, crcs[i], &stored[i]);
  }
  uint64_t begin = out.size;
  for (size_t i = 0; i < count && i < 64; ++i) {
    zip_record(&out, &copies[i], crcs[i], stored[i].size, offsets[i]);
    free(stored[i].data);
  }
  zip_end(&out, &options, count, begin, out.size - begin);
  for (size_t i = 0; i < options.trailing_bytes; ++i) {
    zip_put(&out, "\0", 1);
  }
  return out;
}

#endif  // PT2_TESTS_SUPPORT_ZIP_WRITER_H_
