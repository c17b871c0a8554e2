// SPDX-License-Identifier: Apache-2.0
//
// ELF64, little-endian, by its section headers. Numbers are put together from
// bytes: the file may lie at any address and this machine may be any.
#include "package/shared_object.h"

#include <string.h>

#define SECTION_HEADER_BYTES 64
#define SYMBOL_BYTES 24
#define SECTION_TYPE_DYNSYM 11
#define SECTION_TYPE_NOBITS 8

typedef struct {
  uint32_t type;
  uint32_t link;
  uint64_t address;
  uint64_t offset;
  uint64_t size;
} section_t;

typedef struct {
  pt2__bytes_t file;
  uint64_t table;
  uint32_t count;
} elf_t;

static uint64_t read_number(const uint8_t* at, int bytes) {
  uint64_t value = 0;
  for (int i = bytes - 1; i >= 0; --i) {
    value = value << 8 | at[i];
  }
  return value;
}

static bool is_inside(pt2__bytes_t file, uint64_t offset, uint64_t size) {
  return offset <= file.size_bytes && size <= file.size_bytes - offset;
}

bool pt2__is_shared_object(const uint8_t* data, size_t size_bytes) {
  static const uint8_t magics[][4] = {{0x7f, 'E', 'L', 'F'},
                                      {0xcf, 0xfa, 0xed, 0xfe},
                                      {0xca, 0xfe, 0xba, 0xbe}};
  if (size_bytes < 4) {
    return false;
  }
  for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); ++i) {
    if (memcmp(data, magics[i], 4) == 0) {
      return true;
    }
  }
  return data[0] == 'M' && data[1] == 'Z';
}

static bool open_elf(pt2__bytes_t file, elf_t* elf) {
  const uint8_t* data = file.data;
  if (file.size_bytes < 64 ||
      memcmp(data,
             "\x7f"
             "ELF",
             4) != 0 ||
      data[4] != 2 /* 64 bits */ || data[5] != 1 /* little-endian */) {
    return false;
  }
  *elf = (elf_t){.file = file,
                 .table = read_number(data + 40, 8),
                 .count = (uint32_t)read_number(data + 60, 2)};
  return read_number(data + 58, 2) == SECTION_HEADER_BYTES &&
         is_inside(file, elf->table,
                   (uint64_t)elf->count * SECTION_HEADER_BYTES);
}

static bool read_section(const elf_t* elf, uint32_t index, section_t* out) {
  if (index >= elf->count) {
    return false;
  }
  const uint8_t* at =
      elf->file.data + elf->table + (uint64_t)index * SECTION_HEADER_BYTES;
  *out = (section_t){.type = (uint32_t)read_number(at + 4, 4),
                     .link = (uint32_t)read_number(at + 40, 4),
                     .address = read_number(at + 16, 8),
                     .offset = read_number(at + 24, 8),
                     .size = read_number(at + 32, 8)};
  return out->type == SECTION_TYPE_NOBITS ||
         is_inside(elf->file, out->offset, out->size);
}

static bool name_is(pt2__span_t names, uint64_t at, const char* text) {
  size_t length = strlen(text) + 1;
  return at <= pt2__span_length(names) &&
         length <= pt2__span_length(names) - at &&
         memcmp(names.begin + at, text, length) == 0;
}

// The place in the file of the symbol at |at|; false if it has none.
static bool symbol_offset(const elf_t* elf, const uint8_t* at,
                          uint64_t* out_offset) {
  section_t section;
  uint64_t value = read_number(at + 8, 8);
  if (!read_section(elf, (uint32_t)read_number(at + 6, 2), &section) ||
      section.type == SECTION_TYPE_NOBITS || value < section.address ||
      value - section.address > section.size) {
    return false;
  }
  *out_offset = section.offset + (value - section.address);
  return true;
}

void pt2__shared_object_read(pt2__bytes_t file, pt2__shared_object_t* out) {
  *out = (pt2__shared_object_t){0};
  elf_t elf;
  section_t symbols = {0};
  section_t names;
  if (!open_elf(file, &elf)) {
    return;
  }
  for (uint32_t i = 0; i < elf.count && symbols.type != SECTION_TYPE_DYNSYM;
       ++i) {
    if (!read_section(&elf, i, &symbols)) {
      symbols.type = 0;
    }
  }
  if (symbols.type != SECTION_TYPE_DYNSYM ||
      !read_section(&elf, symbols.link, &names) ||
      names.type == SECTION_TYPE_NOBITS) {
    return;
  }
  out->names.begin = (const char*)file.data + names.offset;
  out->names.end = out->names.begin + names.size;
  uint64_t begin = 0;
  uint64_t end = 0;
  int found = 0;
  for (uint64_t i = 0; i < symbols.size / SYMBOL_BYTES; ++i) {
    const uint8_t* at = file.data + symbols.offset + i * SYMBOL_BYTES;
    uint64_t name = read_number(at, 4);
    if (name_is(out->names, name, "_binary_constants_bin_start")) {
      found |= symbol_offset(&elf, at, &begin) ? 1 : 0;
    } else if (name_is(out->names, name, "_binary_constants_bin_end")) {
      found |= symbol_offset(&elf, at, &end) ? 2 : 0;
    }
  }
  if (found == 3 && begin <= end && is_inside(file, begin, end - begin)) {
    out->has_weights = true;
    out->weights.data = file.data + begin;
    out->weights.size_bytes = (size_t)(end - begin);
  }
}
