// SPDX-License-Identifier: Apache-2.0
#include "loader/weights.h"

#if PT2_HAVE_ELF

#include <string.h>

// Weights behind the tables are announced in their place by their size and a
// number, which is also their last eight bytes; the whole starts at a multiple
// of 16 KiB.
#define APPENDED_NOTICE_BYTES 16
#define APPENDED_ALIGNMENT 0x4000

static bool find_appended(const pt2__elf_file_t* file, uint64_t notice,
                          pt2__weights_t* out) {
  uint64_t words[2];
  uint64_t last;
  if (!pt2__elf_read(file, notice, words, sizeof(words)) ||
      words[0] > file->size || words[0] < 8 ||
      (file->size - words[0]) % APPENDED_ALIGNMENT != 0 ||
      !pt2__elf_read(file, file->size - 8, &last, 8) || last != words[1]) {
    return false;
  }
  for (uint64_t i = 0; i < file->segments.count; ++i) {
    Elf64_Phdr segment = pt2__elf_segment(file, i);
    if (segment.p_type == PT_LOAD &&
        segment.p_offset + segment.p_filesz > file->size - words[0]) {
      return false;
    }
  }
  out->offset = file->size - words[0];
  out->bytes = words[0];
  out->appended = true;
  return true;
}

void pt2__weights_find(const pt2__elf_file_t* file, pt2__weights_t* out) {
  *out = (pt2__weights_t){0};
  uint64_t start = 0;
  uint64_t end = 0;
  for (uint64_t i = 1; i < file->symbols.count; ++i) {
    Elf64_Sym symbol = pt2__elf_symbol(file, i);
    const char* name = pt2__elf_string(file, symbol.st_name);
    if (symbol.st_shndx == SHN_UNDEF ||
        strncmp(name, "_binary_constants_bin_", 22) != 0) {
      continue;
    }
    if (strcmp(name + 22, "start") == 0) {
      out->start_symbol = i;
      start = symbol.st_value;
    } else if (strcmp(name + 22, "end") == 0) {
      out->end_symbol = i;
      end = symbol.st_value;
    }
  }
  Elf64_Phdr segment;
  uint64_t offset;
  if (out->start_symbol == 0 || out->end_symbol == 0 || end <= start ||
      !pt2__elf_locate(file, start, end - start, &offset, &segment)) {
    return;
  }
  out->writable = (segment.p_flags & PF_W) != 0;
  if (end - start == APPENDED_NOTICE_BYTES &&
      find_appended(file, offset, out)) {
    return;
  }
  out->offset = offset;
  out->bytes = end - start;
}

#else
typedef int pt2__weights_is_empty_t;  // ISO C wants a declaration
#endif  // PT2_HAVE_ELF
