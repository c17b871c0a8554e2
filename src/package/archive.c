// SPDX-License-Identifier: Apache-2.0
//
// What the three kinds of archive have in common: entries made readable.
#include "package/archive.h"

#include <string.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "package/crc32.h"

static pt2_status_t verify_crc(pt2__entry_t* entry) {
  if (entry->is_verified) {
    return PT2_STATUS_OK;
  }
  uint32_t crc = pt2__crc32(entry->bytes.data, entry->bytes.size_bytes);
  if (crc != entry->crc) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: wrong CRC-32: the archive says %08x, its bytes give "
                    "%08x; the file is damaged",
                    entry->label, (unsigned)entry->crc, (unsigned)crc);
  }
  entry->is_verified = true;
  return PT2_STATUS_OK;
}

static voidpf zlib_alloc(voidpf user, uInt count, uInt bytes) {
  (void)user;
  return pt2__calloc(count, bytes);
}

static void zlib_free(voidpf user, voidpf block) {
  (void)user;
  pt2__free(block);
}

// Runs one raw deflate stream to its end. zlib counts in 32 bits, hence the
// loop over pieces.
static int inflate_all(z_stream* stream, const uint8_t* in, uint64_t in_bytes,
                       uint8_t* out, uint64_t out_bytes,
                       uint64_t* out_written) {
  const uInt piece = 1u << 30;
  uint64_t in_left = in_bytes;
  uint64_t out_left = out_bytes;
  stream->next_in = (Bytef*)(uintptr_t)in;
  stream->next_out = out;
  int code = Z_OK;
  while (code == Z_OK) {
    if (stream->avail_in == 0) {
      stream->avail_in = in_left < piece ? (uInt)in_left : piece;
      in_left -= stream->avail_in;
    }
    if (stream->avail_out == 0) {
      stream->avail_out = out_left < piece ? (uInt)out_left : piece;
      out_left -= stream->avail_out;
    }
    code = inflate(stream, Z_NO_FLUSH);
  }
  *out_written = out_bytes - out_left - stream->avail_out;
  // Bytes behind the end of the stream are as wrong as missing ones.
  return code == Z_STREAM_END && in_left + stream->avail_in > 0 ? Z_DATA_ERROR
                                                                : code;
}

static pt2_status_t inflate_entry(const pt2__archive_t* archive,
                                  pt2__entry_t* entry) {
  uint8_t* out = pt2__malloc((size_t)entry->size_bytes);
  if (out == NULL) {
    return PT2_OUT_OF_MEMORY(entry->size_bytes);
  }
  z_stream stream = {.zalloc = zlib_alloc, .zfree = zlib_free};
  uint64_t written = 0;
  int code = inflateInit2(&stream, -MAX_WBITS);
  if (code == Z_OK) {
    code = inflate_all(&stream, archive->file.data + entry->data_offset,
                       entry->stored_bytes, out, entry->size_bytes, &written);
    inflateEnd(&stream);
  }
  if (code != Z_STREAM_END || written != entry->size_bytes) {
    pt2__free(out);
    if (code == Z_MEM_ERROR) {
      return PT2_OUT_OF_MEMORY(1u << MAX_WBITS);
    }
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: damaged deflate stream: %llu of %llu bytes",
                    entry->label, (unsigned long long)written,
                    (unsigned long long)entry->size_bytes);
  }
  entry->inflated = out;
  entry->bytes.data = out;
  entry->bytes.size_bytes = (size_t)entry->size_bytes;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__archive_load(pt2__archive_t* archive, pt2__entry_t* entry,
                               bool verify) {
  if (entry->bytes.data == NULL) {
    if (!archive->is_zip) {
      if (entry->file_path != NULL) {
        PT2_TRY(pt2__mapping_open(entry->file_path, &entry->file));
        entry->bytes.data = entry->file.data;
        entry->bytes.size_bytes = entry->file.size_bytes;
      } else {
        entry->bytes.data = archive->file.data;
        entry->bytes.size_bytes = archive->file.size_bytes;
      }
    } else if (entry->is_deflated) {
      PT2_TRY(inflate_entry(archive, entry));
      verify = true;
    } else {
      entry->bytes.data = archive->file.data + entry->data_offset;
      entry->bytes.size_bytes = (size_t)entry->size_bytes;
    }
  }
  if (verify && archive->is_zip) {
    PT2_TRY(verify_crc(entry));
  }
  return PT2_STATUS_OK;
}

pt2__entry_t* pt2__archive_find(const pt2__archive_t* archive,
                                const char* name) {
  for (size_t i = 0; i < archive->count; ++i) {
    if (strcmp(archive->entries[i].name, name) == 0) {
      return &archive->entries[i];
    }
  }
  return NULL;
}

void pt2__archive_close(pt2__archive_t* archive) {
  for (size_t i = 0; i < archive->count; ++i) {
    pt2__free(archive->entries[i].inflated);
    pt2__mapping_close(&archive->entries[i].file);
  }
  pt2__mapping_close(&archive->file);
  archive->entries = NULL;
  archive->count = 0;
}
