// SPDX-License-Identifier: Apache-2.0
//
// numpy's .npz files: zip archives of .npy files, stored or deflated, with
// 64-bit sizes where they are needed. Written ones are stored.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "tooling/files.h"

// Fixed parts of zip's records, and the values that send a reader to the
// 64-bit fields.
enum {
  LOCAL_BYTES = 30,
  CENTRAL_BYTES = 46,
  END_BYTES = 22,
  LOCATOR_BYTES = 20,
  END64_BYTES = 56,
};
#define WIDE32 0xffffffffu
#define WIDE16 0xffffu

// ---- Reading ---------------------------------------------------------------

typedef struct {
  const char* path;
  const uint8_t* data;
  size_t bytes;
  // The directory.
  uint64_t count;
  uint64_t begin;
  uint64_t end;
} archive_t;

typedef struct {
  char* name;
  unsigned flags;
  unsigned method;
  uint32_t crc;
  uint64_t packed_bytes;
  uint64_t bytes;
  uint64_t offset;
} member_t;

static uint64_t get(const uint8_t* at, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = bytes; i-- > 0;) {
    value = value << 8 | at[i];
  }
  return value;
}

static int damaged(const char* path) {
  return pt2__tool_fail(PT2__EXIT_FAILED, "%s: damaged zip directory", path);
}

// Follows the 64-bit end record, if there is one before |end_at|.
static int read_end64(archive_t* archive, size_t end_at) {
  const uint8_t* data = archive->data;
  if (end_at < LOCATOR_BYTES ||
      memcmp(data + end_at - LOCATOR_BYTES, "PK\6\7", 4) != 0) {
    return PT2__EXIT_OK;
  }
  uint64_t at = get(data + end_at - LOCATOR_BYTES + 8, 8);
  if (archive->bytes < END64_BYTES || at > archive->bytes - END64_BYTES ||
      memcmp(data + at, "PK\6\6", 4) != 0) {
    return damaged(archive->path);
  }
  archive->count = get(data + at + 32, 8);
  archive->begin = get(data + at + 48, 8);
  archive->end = archive->begin + get(data + at + 40, 8);
  return PT2__EXIT_OK;
}

// Finds the end record, which only a comment may follow, and the directory.
static int open_archive(archive_t* archive) {
  const uint8_t* data = archive->data;
  size_t bytes = archive->bytes;
  size_t lowest = bytes > END_BYTES + WIDE16 ? bytes - END_BYTES - WIDE16 : 0;
  for (size_t at = bytes < END_BYTES ? 0 : bytes - END_BYTES + 1;
       at-- > lowest;) {
    if (memcmp(data + at, "PK\5\6", 4) != 0 ||
        at + END_BYTES + get(data + at + 20, 2) != bytes) {
      continue;
    }
    archive->count = get(data + at + 10, 2);
    archive->begin = get(data + at + 16, 4);
    archive->end = archive->begin + get(data + at + 12, 4);
    PT2__TOOL_TRY(read_end64(archive, at));
    if (archive->begin > archive->end || archive->end > at) {
      return damaged(archive->path);
    }
    return PT2__EXIT_OK;
  }
  return pt2__tool_fail(PT2__EXIT_FAILED, "%s is no .npz file, or is cut",
                        archive->path);
}

// Replaces the fields that are too wide by those of the extra block.
static bool read_extra64(const uint8_t* extra, size_t extra_bytes,
                         member_t* member) {
  uint64_t* const fields[] = {&member->bytes, &member->packed_bytes,
                              &member->offset};
  while (extra_bytes >= 4) {
    uint64_t id = get(extra, 2);
    uint64_t length = get(extra + 2, 2);
    extra += 4;
    extra_bytes -= 4;
    if (length > extra_bytes) {
      return false;
    }
    size_t used = 0;
    for (size_t i = 0; i < 3 && id == 1; ++i) {
      if (*fields[i] != WIDE32) {
        continue;
      }
      if (used + 8 > length) {
        return false;
      }
      *fields[i] = get(extra + used, 8);
      used += 8;
    }
    extra += length;
    extra_bytes -= length;
  }
  return true;
}

// Reads the directory's entry at |*at| and moves on.
static int read_entry(const archive_t* archive, uint64_t* at,
                      member_t* out_member) {
  const uint8_t* entry = archive->data + *at;
  uint64_t left = archive->end - *at;
  if (left < CENTRAL_BYTES || memcmp(entry, "PK\1\2", 4) != 0) {
    return damaged(archive->path);
  }
  size_t name_bytes = get(entry + 28, 2);
  size_t extra_bytes = get(entry + 30, 2);
  size_t all = CENTRAL_BYTES + name_bytes + extra_bytes + get(entry + 32, 2);
  member_t member = {.flags = (unsigned)get(entry + 8, 2),
                     .method = (unsigned)get(entry + 10, 2),
                     .crc = (uint32_t)get(entry + 16, 4),
                     .packed_bytes = get(entry + 20, 4),
                     .bytes = get(entry + 24, 4),
                     .offset = get(entry + 42, 4)};
  if (all > left || memchr(entry + CENTRAL_BYTES, 0, name_bytes) != NULL ||
      !read_extra64(entry + CENTRAL_BYTES + name_bytes, extra_bytes, &member)) {
    return damaged(archive->path);
  }
  member.name =
      pt2__tool_strndup((const char*)entry + CENTRAL_BYTES, name_bytes);
  *at += all;
  *out_member = member;
  return PT2__EXIT_OK;
}

// Inflates exactly |member->bytes| bytes.
static bool inflate_member(const member_t* member, const uint8_t* packed,
                           uint8_t* target) {
  z_stream stream;
  memset(&stream, 0, sizeof(stream));
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    return false;
  }
  // zlib counts in 32 bits: both sides are handed over in pieces.
  const uint64_t piece = (uint64_t)1 << 30;
  uint64_t left_in = member->packed_bytes;
  uint64_t left_out = member->bytes;
  uint8_t nothing = 0;
  stream.next_in = (uint8_t*)(uintptr_t)packed;
  stream.next_out = member->bytes > 0 ? target : &nothing;
  int status = Z_OK;
  while (status == Z_OK) {
    uInt in = (uInt)(left_in < piece ? left_in : piece);
    uInt out = (uInt)(left_out < piece ? left_out : piece);
    stream.avail_in = in;
    stream.avail_out = out;
    status = inflate(&stream, Z_NO_FLUSH);
    left_in -= in - stream.avail_in;
    left_out -= out - stream.avail_out;
  }
  inflateEnd(&stream);
  return status == Z_STREAM_END && left_in == 0 && left_out == 0;
}

static int unpack(const archive_t* archive, const char* label,
                  const member_t* member, uint8_t** out_data) {
  uint64_t room = archive->begin;
  uint64_t header = member->offset;
  const uint8_t* local = archive->data + header;
  if (header > room || room - header < LOCAL_BYTES ||
      memcmp(local, "PK\3\4", 4) != 0) {
    return pt2__tool_fail(PT2__EXIT_FAILED, "%s: damaged zip member", label);
  }
  uint64_t start =
      header + LOCAL_BYTES + get(local + 26, 2) + get(local + 28, 2);
  // Deflate packs a byte to no less than a thousandth: a larger claim is a
  // lie, and nothing is allocated for it.
  bool lies = member->method == 0 ? member->bytes != member->packed_bytes
                                  : member->bytes / 1040 > member->packed_bytes;
  if (start > room || room - start < member->packed_bytes || lies) {
    return pt2__tool_fail(PT2__EXIT_FAILED, "%s: damaged zip member", label);
  }
  const uint8_t* packed = archive->data + start;
  uint8_t* data = pt2__tool_realloc(NULL, (size_t)member->bytes);
  bool good = true;
  if (member->method == 0) {
    memcpy(data, packed, (size_t)member->bytes);
  } else {
    good = inflate_member(member, packed, data);
  }
  bool checked =
      good && crc32_z(0, data, (z_size_t)member->bytes) == member->crc;
  if (!checked) {
    free(data);
    return pt2__tool_fail(
        PT2__EXIT_FAILED,
        good ? "%s: wrong checksum in the zip" : "%s: damaged zip member",
        label);
  }
  *out_data = data;
  return PT2__EXIT_OK;
}

// What is refused before any byte is read.
static int check_member(const archive_t* archive, const member_t* member,
                        const pt2__tensor_list_t* list, size_t first) {
  const char* reason = NULL;
  if (!pt2__text_ends_with(member->name, ".npy")) {
    reason = "is no .npy";
  } else if ((member->flags & 1) != 0) {
    reason = "is encrypted";
  } else if (member->method != 0 && member->method != Z_DEFLATED) {
    reason = "is neither stored nor deflated";
  }
  size_t stem = strlen(member->name) - (reason == NULL ? 4 : 0);
  for (size_t i = first; i < list->count && reason == NULL; ++i) {
    if (strlen(list->keys[i]) == stem &&
        strncmp(list->keys[i], member->name, stem) == 0) {
      reason = "is there twice";
    }
  }
  if (reason != NULL) {
    return pt2__tool_fail(PT2__EXIT_FAILED, "%s: member '%s' %s", archive->path,
                          member->name, reason);
  }
  return PT2__EXIT_OK;
}

static int load_member(const archive_t* archive, member_t* member, size_t first,
                       pt2__tensor_list_t* list) {
  PT2__TOOL_TRY(check_member(archive, member, list, first));
  char* label = pt2__tool_sprintf("%s(%s)", archive->path, member->name);
  uint8_t* data = NULL;
  pt2_tensor_t* tensor = NULL;
  int result = unpack(archive, label, member, &data);
  if (result == PT2__EXIT_OK) {
    result = pt2__npy_parse(label, data, (size_t)member->bytes, &tensor);
  }
  if (result == PT2__EXIT_OK) {
    member->name[strlen(member->name) - 4] = '\0';
    pt2__tensor_list_add(list, tensor, member->name);
  }
  free(data);
  free(label);
  return result;
}

static int load_members(archive_t* archive, pt2__tensor_list_t* list) {
  PT2__TOOL_TRY(open_archive(archive));
  size_t first = list->count;
  uint64_t at = archive->begin;
  for (uint64_t i = 0; i < archive->count; ++i) {
    member_t member = {0};
    PT2__TOOL_TRY(read_entry(archive, &at, &member));
    int result = load_member(archive, &member, first, list);
    free(member.name);
    PT2__TOOL_TRY(result);
  }
  return at == archive->end ? PT2__EXIT_OK : damaged(archive->path);
}

int pt2__npz_load(const char* path, pt2__tensor_list_t* list) {
  pt2__text_t file = {0};
  PT2__TOOL_TRY(pt2__file_read(path, &file));
  archive_t archive = {.path = path,
                       .data = (const uint8_t*)pt2__text_peek(&file),
                       .bytes = file.length};
  int result = load_members(&archive, list);
  pt2__text_free(&file);
  return result;
}

// ---- Writing ---------------------------------------------------------------

// A member as it is written: its headers in memory, its data in the tensor.
typedef struct {
  pt2_tensor_t* tensor;  // row-major
  pt2__text_t head;      // local header and .npy header
} outgoing_t;

static void put(pt2__text_t* text, size_t bytes, uint64_t value) {
  for (size_t i = 0; i < bytes; ++i) {
    uint8_t byte = (uint8_t)value;
    pt2__text_append(text, &byte, 1);
    value >>= 8;
  }
}

static uint64_t capped(uint64_t value) {
  return value < WIDE32 ? value : WIDE32;
}

// From "version needed" to the length of the name: the same in both headers.
// The date is the first that zip knows, so that equal tensors give equal
// files.
static void put_facts(pt2__text_t* text, bool wide, uint32_t crc,
                      uint64_t bytes, size_t name_bytes) {
  put(text, 2, wide ? 45 : 20);
  put(text, 2, 0x800);  // the name is UTF-8
  put(text, 2, 0);      // stored
  put(text, 2, 0);
  put(text, 2, 1 << 5 | 1);
  put(text, 4, crc);
  put(text, 4, wide ? WIDE32 : bytes);
  put(text, 4, wide ? WIDE32 : bytes);
  put(text, 2, name_bytes);
}

static void put_local(pt2__text_t* text, const char* name, uint32_t crc,
                      uint64_t bytes) {
  bool wide = bytes >= WIDE32;
  pt2__text_append(text, "PK\3\4", 4);
  put_facts(text, wide, crc, bytes, strlen(name));
  put(text, 2, wide ? 20 : 0);
  pt2__text_append(text, name, strlen(name));
  if (wide) {
    put(text, 4, 16 << 16 | 1);
    put(text, 8, bytes);
    put(text, 8, bytes);
  }
}

static void put_central(pt2__text_t* text, const char* name, uint32_t crc,
                        uint64_t bytes, uint64_t offset) {
  bool wide = bytes >= WIDE32;
  bool far = offset >= WIDE32;
  size_t extra = (wide ? 16u : 0u) + (far ? 8u : 0u);
  pt2__text_append(text, "PK\1\2", 4);
  put(text, 2, wide || far ? 45 : 20);
  put_facts(text, wide, crc, bytes, strlen(name));
  put(text, 2, extra > 0 ? extra + 4 : 0);
  put(text, 2 + 2 + 2 + 4, 0);  // comment, disk, attributes
  put(text, 4, capped(offset));
  pt2__text_append(text, name, strlen(name));
  if (extra > 0) {
    put(text, 4, extra << 16 | 1);
  }
  if (wide) {
    put(text, 8, bytes);
    put(text, 8, bytes);
  }
  if (far) {
    put(text, 8, offset);
  }
}

// Adds the member's headers; |*offset| moves behind it.
static int add_member(const char* path, const char* key, outgoing_t* outgoing,
                      uint64_t* offset, pt2__text_t* directory) {
  pt2__text_t npy = {0};
  PT2__TOOL_TRY(pt2__npy_format_header(path, outgoing->tensor, &npy));
  size_t data_bytes = pt2__tensor_bytes(outgoing->tensor);
  uint32_t crc = (uint32_t)crc32_z(0, (const uint8_t*)npy.data, npy.length);
  if (data_bytes > 0) {
    crc = (uint32_t)crc32_z(crc, pt2_tensor_peek_data(outgoing->tensor),
                            data_bytes);
  }
  char* name = pt2__tool_sprintf("%s.npy", key);
  uint64_t bytes = npy.length + data_bytes;
  put_local(&outgoing->head, name, crc, bytes);
  put_central(directory, name, crc, bytes, *offset);
  pt2__text_append(&outgoing->head, npy.data, npy.length);
  *offset += outgoing->head.length + data_bytes;
  free(name);
  pt2__text_free(&npy);
  return PT2__EXIT_OK;
}

static void add_end(uint64_t count, uint64_t begin, pt2__text_t* directory) {
  uint64_t bytes = directory->length;
  uint64_t end = begin + bytes;
  if (end >= WIDE32 || count >= WIDE16) {
    pt2__text_append(directory, "PK\6\6", 4);
    put(directory, 8, END64_BYTES - 12);
    put(directory, 4, 45 << 16 | 45);
    put(directory, 8, 0);
    put(directory, 8, count);
    put(directory, 8, count);
    put(directory, 8, bytes);
    put(directory, 8, begin);
    pt2__text_append(directory, "PK\6\7", 4);
    put(directory, 4, 0);
    put(directory, 8, end);
    put(directory, 4, 1);
  }
  uint64_t short_count = count < WIDE16 ? count : WIDE16;
  pt2__text_append(directory, "PK\5\6", 4);
  put(directory, 4, 0);
  put(directory, 2, short_count);
  put(directory, 2, short_count);
  put(directory, 4, capped(bytes));
  put(directory, 4, capped(begin));
  put(directory, 2, 0);
}

static int write_archive(const char* path, const outgoing_t* outgoing,
                         size_t count, const pt2__text_t* directory) {
  pt2__piece_t* pieces = pt2__tool_alloc((2 * count + 1) * sizeof(*pieces));
  for (size_t i = 0; i < count; ++i) {
    pieces[2 * i] =
        (pt2__piece_t){outgoing[i].head.data, outgoing[i].head.length};
    pieces[2 * i + 1] = (pt2__piece_t){pt2_tensor_peek_data(outgoing[i].tensor),
                                       pt2__tensor_bytes(outgoing[i].tensor)};
  }
  pieces[2 * count] = (pt2__piece_t){directory->data, directory->length};
  int result = pt2__file_write(path, pieces, 2 * count + 1);
  free(pieces);
  return result;
}

int pt2__npz_save(const char* path, const pt2__tensor_list_t* list) {
  outgoing_t* outgoing = pt2__tool_alloc(list->count * sizeof(*outgoing));
  pt2__text_t directory = {0};
  size_t count = 0;
  uint64_t offset = 0;
  int result = PT2__EXIT_OK;
  for (size_t i = 0; i < list->count && result == PT2__EXIT_OK; ++i) {
    if (list->items[i] == NULL) {
      continue;
    }
    result = pt2__tensor_row_major(list->items[i], &outgoing[count].tensor);
    if (result == PT2__EXIT_OK) {
      result = add_member(path, list->keys[i], &outgoing[count++], &offset,
                          &directory);
    }
  }
  if (result == PT2__EXIT_OK) {
    add_end(count, offset, &directory);
    result = write_archive(path, outgoing, count, &directory);
  }
  for (size_t i = 0; i < count; ++i) {
    pt2_tensor_release(outgoing[i].tensor);
    pt2__text_free(&outgoing[i].head);
  }
  pt2__text_free(&directory);
  free(outgoing);
  return result;
}
