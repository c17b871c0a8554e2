// SPDX-License-Identifier: Apache-2.0
//
// The directory of a zip archive in memory: end records (zip64 too), directory
// records and the local headers they point to. Everything must agree and every
// byte must be where the records say; what a package may not have is refused:
// names that leave the folder, names that occur twice, local headers that
// contradict the directory, extents that overlap or leave the file, sizes that
// no deflate stream can have. (Why no library: docs/adr/0006-zip.md.)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "package/archive.h"

// Sizes of the fixed parts of the records.
#define LOCAL_HEADER_BYTES 30
#define DIRECTORY_HEADER_BYTES 46
#define END_BYTES 22
#define END64_BYTES 56
#define END64_LOCATOR_BYTES 20

#define LOCAL_SIGNATURE 0x04034b50u
#define DIRECTORY_SIGNATURE 0x02014b50u
#define END_SIGNATURE 0x06054b50u
#define END64_SIGNATURE 0x06064b50u
#define END64_LOCATOR_SIGNATURE 0x07064b50u

// In a 32-bit or 16-bit field: the value is in the zip64 record.
#define IN_ZIP64 0xffffffffu
#define IN_ZIP64_SHORT 0xffffu

#define FLAG_DATA_DESCRIPTOR (1u << 3)
// Encrypted, strongly encrypted, encrypted directory.
#define FLAGS_ENCRYPTED (1u << 0 | 1u << 6 | 1u << 13)

#define METHOD_STORED 0
#define METHOD_DEFLATED 8

// A deflate stream codes at most 258 bytes in two bits.
#define DEFLATE_MAX_RATIO 1032u

static uint32_t read_u16(const uint8_t* at) {
  return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t read_u32(const uint8_t* at) {
  return read_u16(at) | read_u16(at + 2) << 16;
}

static uint64_t read_u64(const uint8_t* at) {
  return read_u32(at) | (uint64_t)read_u32(at + 4) << 32;
}

// What a directory record or a local header says.
typedef struct {
  uint32_t flags;
  uint32_t method;
  uint32_t crc;
  uint64_t stored_bytes;
  uint64_t size_bytes;
  uint64_t header_offset;  // directory record only
  const uint8_t* name;
  size_t name_length;
  uint64_t end;  // where it ends in the file
} header_t;

// ---- Headers ---------------------------------------------------------------

// Takes the next 64-bit value of the zip64 field if |*value| is saturated.
static bool widen(uint64_t* value, const uint8_t** field, size_t* left) {
  if (*value != IN_ZIP64) {
    return true;
  }
  if (*left < 8) {
    return false;
  }
  *value = read_u64(*field);
  *field += 8;
  *left -= 8;
  return true;
}

// Fills saturated sizes from the zip64 extra field.
static bool read_extra(const uint8_t* extra, size_t length, header_t* header) {
  while (length >= 4) {
    size_t id = read_u16(extra);
    size_t size = read_u16(extra + 2);
    if (size > length - 4) {
      return false;
    }
    if (id == 1) {
      const uint8_t* field = extra + 4;
      return widen(&header->size_bytes, &field, &size) &&
             widen(&header->stored_bytes, &field, &size) &&
             widen(&header->header_offset, &field, &size);
    }
    extra += 4 + size;
    length -= 4 + size;
  }
  // Not there, although it is needed?
  return header->size_bytes != IN_ZIP64 && header->stored_bytes != IN_ZIP64 &&
         header->header_offset != IN_ZIP64;
}

// Reads the header at |at|; |fields| is where "flags" stands in its kind,
// |fixed| its fixed size, |limit| where it must have ended.
static bool read_header(const pt2__mapping_t* file, uint64_t at,
                        uint64_t fields, uint64_t fixed, uint32_t signature,
                        uint64_t limit, header_t* header) {
  if (at > limit || limit - at < fixed ||
      read_u32(file->data + at) != signature) {
    return false;
  }
  const uint8_t* begin = file->data + at;
  const uint8_t* field = begin + fields;
  bool is_record = signature == DIRECTORY_SIGNATURE;
  size_t name = read_u16(field + 20);
  size_t extra = read_u16(field + 22);
  size_t comment = is_record ? read_u16(field + 24) : 0;
  *header = (header_t){
      .flags = read_u16(field),
      .method = read_u16(field + 2),
      .crc = read_u32(field + 8),
      .stored_bytes = read_u32(field + 12),
      .size_bytes = read_u32(field + 16),
      .header_offset = is_record ? read_u32(begin + 42) : 0,
      .name = begin + fixed,
      .name_length = name,
      .end = at + fixed + name + extra + comment,
  };
  return name + extra + comment <= limit - at - fixed &&
         read_extra(begin + fixed + name, extra, header);
}

// ---- One entry -------------------------------------------------------------

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
                                 const header_t* record) {
  if ((record->flags & FLAGS_ENCRYPTED) != 0) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "%s: the entry is encrypted",
                    entry->label);
  }
  if (record->method != METHOD_STORED && record->method != METHOD_DEFLATED) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "%s: compression method %u; only stored and deflated "
                    "entries can be read",
                    entry->label, (unsigned)record->method);
  }
  if (record->method == METHOD_STORED
          ? record->stored_bytes != record->size_bytes
          : record->size_bytes / DEFLATE_MAX_RATIO > record->stored_bytes) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: %llu bytes cannot come out of %llu stored ones",
                    entry->label, (unsigned long long)record->size_bytes,
                    (unsigned long long)record->stored_bytes);
  }
  return PT2_STATUS_OK;
}

// With a data descriptor behind the data, the local header may leave its fields
// empty.
static bool agrees(const header_t* local, const header_t* record) {
  bool may_be_empty = (local->flags & FLAG_DATA_DESCRIPTOR) != 0;
  bool is_empty = may_be_empty && local->crc == 0 && local->size_bytes == 0 &&
                  local->stored_bytes == 0;
  return local->flags == record->flags && local->method == record->method &&
         local->name_length == record->name_length &&
         memcmp(local->name, record->name, record->name_length) == 0 &&
         (is_empty || (local->crc == record->crc &&
                       local->size_bytes == record->size_bytes &&
                       local->stored_bytes == record->stored_bytes));
}

// Follows a directory record to the entry's own header and data, which lie
// before |limit|.
static pt2_status_t locate_data(const pt2__archive_t* archive,
                                const header_t* record, uint64_t limit,
                                pt2__entry_t* entry) {
  header_t local;
  if (!read_header(&archive->file, record->header_offset, 6, LOCAL_HEADER_BYTES,
                   LOCAL_SIGNATURE, limit, &local) ||
      !agrees(&local, record)) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: the entry's own header does not agree with the "
                    "archive's directory",
                    entry->label);
  }
  if (record->stored_bytes > limit - local.end) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: the entry's %llu bytes at %llu overlap the archive's "
                    "directory at %llu",
                    entry->label, (unsigned long long)record->stored_bytes,
                    (unsigned long long)local.end, (unsigned long long)limit);
  }
  entry->header_offset = record->header_offset;
  entry->data_offset = local.end;
  return PT2_STATUS_OK;
}

static pt2_status_t read_entry(pt2__archive_t* archive, const header_t* record,
                               uint64_t directory, pt2__entry_t* entry) {
  const char* name = (const char*)record->name;
  PT2_TRY(check_name(archive, name, record->name_length));
  PT2_TRY(
      pt2__arena_text(archive->arena, name, record->name_length, &entry->name));
  PT2_TRY(pt2__arena_printf(archive->arena, &entry->label, "%s/%s",
                            archive->name, entry->name));
  PT2_TRY(check_method(entry, record));
  PT2_TRY(locate_data(archive, record, directory, entry));
  entry->size_bytes = record->size_bytes;
  entry->stored_bytes = record->stored_bytes;
  entry->crc = record->crc;
  entry->is_deflated = record->method == METHOD_DEFLATED;
  return PT2_STATUS_OK;
}

// ---- The archive as a whole ------------------------------------------------

// Where the directory lies and how many records it has.
typedef struct {
  uint64_t offset;
  uint64_t size;
  uint64_t count;
} directory_t;

// Finds the end record, which with its comment fills the file's end.
static bool find_end(const pt2__mapping_t* file, uint64_t* out_at) {
  uint64_t size = file->size_bytes;
  for (uint64_t comment = 0; comment <= 0xffff && size >= END_BYTES + comment;
       ++comment) {
    uint64_t at = size - END_BYTES - comment;
    if (read_u32(file->data + at) == END_SIGNATURE &&
        read_u16(file->data + at + 20) == comment) {
      *out_at = at;
      return true;
    }
  }
  return false;
}

// The zip64 end record in front of the end record at |*at|, if there is one;
// |*at| moves to it. False if it is damaged.
static bool read_end64(const pt2__mapping_t* file, uint64_t* at,
                       directory_t* directory) {
  if (*at < END64_LOCATOR_BYTES ||
      read_u32(file->data + *at - END64_LOCATOR_BYTES) !=
          END64_LOCATOR_SIGNATURE) {
    return directory->offset != IN_ZIP64 && directory->size != IN_ZIP64 &&
           directory->count != IN_ZIP64_SHORT;
  }
  uint64_t locator = *at - END64_LOCATOR_BYTES;
  uint64_t record = read_u64(file->data + locator + 8);
  if (record > locator || locator - record < END64_BYTES ||
      read_u32(file->data + record) != END64_SIGNATURE ||
      read_u64(file->data + record + 4) != locator - record - 12) {
    return false;
  }
  const uint8_t* begin = file->data + record;
  directory_t wide = {.offset = read_u64(begin + 48),
                      .size = read_u64(begin + 40),
                      .count = read_u64(begin + 32)};
  bool good =
      read_u64(begin + 24) == wide.count &&
      (directory->offset == IN_ZIP64 || directory->offset == wide.offset) &&
      (directory->size == IN_ZIP64 || directory->size == wide.size) &&
      (directory->count == IN_ZIP64_SHORT || directory->count == wide.count);
  *directory = wide;
  *at = record;
  return good;
}

static pt2_status_t find_directory(const pt2__archive_t* archive,
                                   directory_t* out_directory) {
  const pt2__mapping_t* file = &archive->file;
  uint64_t end = 0;
  if (!find_end(file, &end)) {
    bool begins_well =
        file->size_bytes >= 4 && read_u32(file->data) == LOCAL_SIGNATURE;
    return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: %s", archive->name,
                    begins_well
                        ? "the archive's directory is missing or cut; is the "
                          "file complete?"
                        : "neither a zip archive nor a shared library");
  }
  const uint8_t* at = file->data + end;
  directory_t directory = {.offset = read_u32(at + 16),
                           .size = read_u32(at + 12),
                           .count = read_u16(at + 10)};
  // Parts of an archive on several disks have other numbers here.
  bool good = read_u32(at + 4) == 0 && read_u16(at + 8) == directory.count;
  good = good && read_end64(file, &end, &directory);
  // The directory fills the space up to the end records: nothing is hidden
  // behind it, and nothing was put in front of the archive.
  good = good && directory.offset <= end &&
         directory.size == end - directory.offset &&
         directory.count <= directory.size / DIRECTORY_HEADER_BYTES;
  if (!good) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: the archive's end record does not agree with its "
                    "directory; the file is damaged",
                    archive->name);
  }
  if (directory.count == 0) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "%s: the archive is empty",
                    archive->name);
  }
  *out_directory = directory;
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
                                  pt2__entry_t** sorted) {
  qsort(sorted, archive->count, sizeof(*sorted), compare_offsets);
  for (size_t i = 0; i + 1 < archive->count; ++i) {
    if (sorted[i]->data_offset + sorted[i]->stored_bytes >
        sorted[i + 1]->header_offset) {
      return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: the entry's bytes overlap %s",
                      sorted[i]->label, sorted[i + 1]->name);
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

static pt2_status_t read_entries(pt2__archive_t* archive,
                                 const directory_t* directory) {
  size_t count = (size_t)directory->count;
  PT2_TRY(pt2__arena_array(archive->arena, count, sizeof(pt2__entry_t),
                           &archive->entries));
  uint64_t at = directory->offset;
  uint64_t end = directory->offset + directory->size;
  for (size_t i = 0; i < count; ++i) {
    header_t record;
    pt2__entry_t* entry = &archive->entries[i];
    entry->file = PT2__MAPPING_NONE;
    if (!read_header(&archive->file, at, 8, DIRECTORY_HEADER_BYTES,
                     DIRECTORY_SIGNATURE, end, &record)) {
      return PT2_FAIL(PT2_STATUS_CORRUPT,
                      "%s: record %zu of the archive's directory is damaged",
                      archive->name, i);
    }
    archive->count = i + 1;
    PT2_TRY(read_entry(archive, &record, directory->offset, entry));
    at = record.end;
  }
  if (at != end) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: the archive's directory has more than the %zu records "
                    "it says",
                    archive->name, count);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__archive_read_zip(pt2__archive_t* archive) {
  archive->is_zip = true;
  directory_t directory = {0};
  PT2_TRY(find_directory(archive, &directory));
  PT2_TRY(read_entries(archive, &directory));
  pt2__entry_t** sorted = pt2__calloc(archive->count, sizeof(*sorted));
  if (sorted == NULL) {
    return PT2_OUT_OF_MEMORY(archive->count * sizeof(*sorted));
  }
  for (size_t i = 0; i < archive->count; ++i) {
    sorted[i] = &archive->entries[i];
  }
  pt2_status_t status = check_extents(archive, sorted);
  pt2__free(sorted);
  return status;
}
