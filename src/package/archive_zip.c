// SPDX-License-Identifier: Apache-2.0
//
// The directory of a zip archive in memory. minizip reads the records (zip64,
// data descriptors, extra fields); what it lets pass and a package may not have
// is refused here: names that leave the folder, names that occur twice, local
// headers that contradict the directory, extents that overlap or leave the
// file, sizes that no deflate stream can have.
#include <minizip/unzip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "package/archive.h"

// Sizes of the fixed parts of the records.
#define LOCAL_HEADER_BYTES 30
#define DIRECTORY_HEADER_BYTES 46
#define DIRECTORY_END_BYTES 22
#define DIRECTORY_END64_LOCATOR_BYTES 20

// A deflate stream codes at most 258 bytes in two bits.
#define DEFLATE_MAX_RATIO 1032u

// ---- The file as minizip reads it ------------------------------------------

typedef struct {
  const uint8_t* data;
  uint64_t size;
  uint64_t position;
} memory_file_t;

static voidpf memory_open(voidpf opaque, const void* name, int mode) {
  (void)name;
  (void)mode;
  return opaque;
}

static uLong memory_read(voidpf opaque, voidpf stream, void* buffer,
                         uLong size) {
  (void)opaque;
  memory_file_t* file = stream;
  uint64_t left = file->size - file->position;
  uLong taken = size < left ? size : (uLong)left;
  memcpy(buffer, file->data + file->position, taken);
  file->position += taken;
  return taken;
}

static ZPOS64_T memory_tell(voidpf opaque, voidpf stream) {
  (void)opaque;
  return ((memory_file_t*)stream)->position;
}

static long memory_seek(voidpf opaque, voidpf stream, ZPOS64_T offset,
                        int origin) {
  (void)opaque;
  memory_file_t* file = stream;
  uint64_t base = origin == ZLIB_FILEFUNC_SEEK_CUR   ? file->position
                  : origin == ZLIB_FILEFUNC_SEEK_END ? file->size
                                                     : 0;
  if (offset > file->size - base) {
    return -1;
  }
  file->position = base + offset;
  return 0;
}

static int memory_close(voidpf opaque, voidpf stream) {
  (void)opaque;
  (void)stream;
  return 0;
}

// ---- One entry -------------------------------------------------------------

static uint32_t read_u16(const uint8_t* at) {
  return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t read_u32(const uint8_t* at) {
  return read_u16(at) | read_u16(at + 2) << 16;
}

static uint64_t read_u64(const uint8_t* at) {
  return read_u32(at) | (uint64_t)read_u32(at + 4) << 32;
}

static pt2_status_t check_name(const pt2__archive_t* archive, const char* name,
                               size_t length) {
  const char* wrong = NULL;
  if (length == 0) {
    wrong = "an empty name";
  } else if (memchr(name, '\0', length) != NULL) {
    wrong = "a name with a NUL in it";
  } else if (name[0] == '/' || memchr(name, '\\', length) != NULL ||
             (length > 1 && name[1] == ':')) {
    wrong = "an absolute name";
  }
  for (size_t begin = 0; begin < length && wrong == NULL;) {
    const char* slash = memchr(name + begin, '/', length - begin);
    size_t end = slash != NULL ? (size_t)(slash - name) : length;
    if (end - begin == 2 && memcmp(name + begin, "..", 2) == 0) {
      wrong = "a name with \"..\"";
    }
    begin = end + 1;
  }
  if (wrong != NULL) {
    return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: entry \"%.*s\": %s is refused",
                    archive->name, (int)(length < 200 ? length : 200), name,
                    wrong);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_method(const pt2__entry_t* entry,
                                 const unz_file_info64* info) {
  // Encrypted, strongly encrypted, encrypted directory.
  if ((info->flag & (1u << 0 | 1u << 6 | 1u << 13)) != 0) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "%s: the entry is encrypted",
                    entry->label);
  }
  if (info->compression_method != 0 && info->compression_method != Z_DEFLATED) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "%s: compression method %lu; only stored and deflated "
                    "entries can be read",
                    entry->label, info->compression_method);
  }
  if (info->compression_method == 0
          ? info->compressed_size != info->uncompressed_size
          : info->uncompressed_size / DEFLATE_MAX_RATIO >
                info->compressed_size) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: %llu bytes cannot come out of %llu stored ones",
                    entry->label, (unsigned long long)info->uncompressed_size,
                    (unsigned long long)info->compressed_size);
  }
  return PT2_STATUS_OK;
}

// Follows the directory record under minizip's cursor to the local header and
// checks that the two agree.
static pt2_status_t locate_data(const pt2__archive_t* archive, unzFile zip,
                                const unz_file_info64* info,
                                const uint8_t* name, pt2__entry_t* entry) {
  int method;
  int level;
  // Compares method, CRC and sizes; "raw" because it shall inflate nothing.
  int code = unzOpenCurrentFile2(zip, &method, &level, 1);
  if (code == UNZ_INTERNALERROR) {
    return PT2_OUT_OF_MEMORY(0);
  }
  if (code != UNZ_OK) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: the entry's own header does not agree with the "
                    "archive's directory",
                    entry->label);
  }
  uint64_t data = unzGetCurrentFileZStreamPos64(zip);
  int extra = unzGetLocalExtrafield(zip, NULL, 0);
  unzCloseCurrentFile(zip);
  uint64_t before = LOCAL_HEADER_BYTES + info->size_filename + (uint64_t)extra;
  if (extra < 0 || data < before || data > archive->file.size_bytes ||
      info->compressed_size > archive->file.size_bytes - data) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: the entry's bytes %llu to %llu are not all in the "
                    "file of %llu bytes",
                    entry->label, (unsigned long long)data,
                    (unsigned long long)(data + info->compressed_size),
                    (unsigned long long)archive->file.size_bytes);
  }
  const uint8_t* header = archive->file.data + (data - before);
  if (memcmp(header + LOCAL_HEADER_BYTES, name, info->size_filename) != 0 ||
      read_u16(header + 6) != info->flag) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: the entry's own header does not agree with the "
                    "archive's directory",
                    entry->label);
  }
  entry->header_offset = data - before;
  entry->data_offset = data;
  return PT2_STATUS_OK;
}

// Reads the record under minizip's cursor. |*out_end| is where the next begins.
static pt2_status_t read_entry(pt2__archive_t* archive, unzFile zip,
                               size_t index, pt2__entry_t* entry,
                               uint64_t* out_end) {
  unz_file_info64 info;
  uint64_t at = unzGetOffset64(zip);
  const pt2__mapping_t* file = &archive->file;
  if (unzGetCurrentFileInfo64(zip, &info, NULL, 0, NULL, 0, NULL, 0) !=
          UNZ_OK ||
      at > file->size_bytes || file->size_bytes - at < DIRECTORY_HEADER_BYTES ||
      read_u32(file->data + at) != 0x02014b50u) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: record %zu of the archive's directory is damaged",
                    archive->name, index);
  }
  uint64_t record = DIRECTORY_HEADER_BYTES + info.size_filename +
                    info.size_file_extra + info.size_file_comment;
  if (record > file->size_bytes - at) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: record %zu of the archive's directory is cut",
                    archive->name, index);
  }
  const uint8_t* name = file->data + at + DIRECTORY_HEADER_BYTES;
  PT2_TRY(check_name(archive, (const char*)name, info.size_filename));
  PT2_TRY(pt2__arena_text(archive->arena, (const char*)name, info.size_filename,
                          &entry->name));
  PT2_TRY(pt2__arena_printf(archive->arena, &entry->label, "%s/%s",
                            archive->name, entry->name));
  PT2_TRY(check_method(entry, &info));
  PT2_TRY(locate_data(archive, zip, &info, name, entry));
  entry->size_bytes = info.uncompressed_size;
  entry->stored_bytes = info.compressed_size;
  entry->crc = (uint32_t)info.crc;
  entry->is_deflated = info.compression_method != 0;
  *out_end = at + record;
  return PT2_STATUS_OK;
}

// ---- The archive as a whole ------------------------------------------------

// |end| is where the last directory record ends: the end records must follow at
// once and fill the rest of the file. Otherwise minizip found them elsewhere:
// records are hidden from it, or bytes were cut or added.
static pt2_status_t check_end(const pt2__archive_t* archive, uint64_t end) {
  const uint8_t* data = archive->file.data;
  uint64_t size = archive->file.size_bytes;
  bool good = size - end >= DIRECTORY_END_BYTES;
  if (good && read_u32(data + end) == 0x06064b50u) {
    uint64_t record = read_u64(data + end + 4);
    good = record <= size - end - 12;
    end += good ? 12 + record : 0;
    good = good &&
           size - end >= DIRECTORY_END64_LOCATOR_BYTES + DIRECTORY_END_BYTES &&
           read_u32(data + end) == 0x07064b50u;
    end += DIRECTORY_END64_LOCATOR_BYTES;
  }
  good = good && read_u32(data + end) == 0x06054b50u &&
         read_u16(data + end + 20) == size - end - DIRECTORY_END_BYTES;
  if (!good) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: the archive's directory does not end where it says; "
                    "the file is damaged",
                    archive->name);
  }
  return PT2_STATUS_OK;
}

static int compare_offsets(const void* left, const void* right) {
  uint64_t a = (*(pt2__entry_t* const*)left)->header_offset;
  uint64_t b = (*(pt2__entry_t* const*)right)->header_offset;
  return a < b ? -1 : a > b;
}

static int compare_names(const void* left, const void* right) {
  return strcmp((*(pt2__entry_t* const*)left)->name,
                (*(pt2__entry_t* const*)right)->name);
}

static pt2_status_t check_extents(const pt2__archive_t* archive,
                                  pt2__entry_t** sorted,
                                  uint64_t directory_begin) {
  qsort(sorted, archive->count, sizeof(*sorted), compare_offsets);
  for (size_t i = 0; i < archive->count; ++i) {
    uint64_t end = sorted[i]->data_offset + sorted[i]->stored_bytes;
    uint64_t next =
        i + 1 < archive->count ? sorted[i + 1]->header_offset : directory_begin;
    if (end > next) {
      return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: the entry's bytes overlap %s",
                      sorted[i]->label,
                      i + 1 < archive->count ? sorted[i + 1]->name
                                             : "the archive's directory");
    }
  }
  qsort(sorted, archive->count, sizeof(*sorted), compare_names);
  for (size_t i = 0; i + 1 < archive->count; ++i) {
    if (strcmp(sorted[i]->name, sorted[i + 1]->name) == 0) {
      return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: two entries have this name",
                      sorted[i]->label);
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t read_entries(pt2__archive_t* archive, unzFile zip) {
  unz_global_info64 global;
  if (unzGetGlobalInfo64(zip, &global) != UNZ_OK ||
      global.number_entry > archive->file.size_bytes / DIRECTORY_HEADER_BYTES) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: the archive's directory cannot have as many entries "
                    "as it says",
                    archive->name);
  }
  size_t count = (size_t)global.number_entry;
  if (count == 0) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "%s: the archive is empty",
                    archive->name);
  }
  PT2_TRY(pt2__arena_array(archive->arena, count, sizeof(pt2__entry_t),
                           &archive->entries));
  uint64_t begin = 0;
  uint64_t end = 0;
  for (size_t i = 0; i < count; ++i) {
    pt2__entry_t* entry = &archive->entries[i];
    entry->file = PT2__MAPPING_NONE;
    if ((i == 0 ? unzGoToFirstFile(zip) : unzGoToNextFile(zip)) != UNZ_OK) {
      return PT2_FAIL(PT2_STATUS_CORRUPT,
                      "%s: record %zu of the archive's directory is damaged",
                      archive->name, i);
    }
    begin = i == 0 ? unzGetOffset64(zip) : begin;
    archive->count = i + 1;
    PT2_TRY(read_entry(archive, zip, i, entry, &end));
  }
  PT2_TRY(check_end(archive, end));
  pt2__entry_t** sorted = pt2__calloc(count, sizeof(*sorted));
  if (sorted == NULL) {
    return PT2_OUT_OF_MEMORY(count * sizeof(*sorted));
  }
  for (size_t i = 0; i < count; ++i) {
    sorted[i] = &archive->entries[i];
  }
  pt2_status_t status = check_extents(archive, sorted, begin);
  pt2__free(sorted);
  return status;
}

pt2_status_t pt2__archive_read_zip(pt2__archive_t* archive) {
  archive->is_zip = true;
  memory_file_t file = {.data = archive->file.data,
                        .size = archive->file.size_bytes};
  zlib_filefunc64_def functions = {
      .zopen64_file = memory_open,
      .zread_file = memory_read,
      .ztell64_file = memory_tell,
      .zseek64_file = memory_seek,
      .zclose_file = memory_close,
      .zerror_file = memory_close,
      .opaque = &file,
  };
  unzFile zip = unzOpen2_64(archive->name, &functions);
  if (zip == NULL) {
    bool begins_well = archive->file.size_bytes >= 4 &&
                       read_u32(archive->file.data) == 0x04034b50u;
    return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: %s", archive->name,
                    begins_well
                        ? "the archive's directory is missing or damaged; is "
                          "the file complete?"
                        : "neither a zip archive nor a shared library");
  }
  pt2_status_t status = read_entries(archive, zip);
  unzClose(zip);
  return status;
}
