// SPDX-License-Identifier: Apache-2.0
//
// What the dynamic linker trusts, checked before it gets the file. It follows
// addresses and indices of the file without a look, so that a damaged one would
// crash the process. Machine code and data are not judged here: the archive's
// CRC is what tells that they are the bytes that were written.
#include "loader/elf_file.h"

#if PT2_HAVE_ELF

#include <unistd.h>

#include "base/status.h"

// Above any model's; a larger span is a damaged number.
#define MAX_ADDRESS ((uint64_t)1 << 46)

static pt2_status_t corrupt(const pt2__elf_file_t* file, const char* what) {
  return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: damaged shared object: %s",
                  file->name, what);
}

// Like pt2__elf_locate, but in memory: also the zeroed tail of a segment.
static bool in_memory(const pt2__elf_file_t* file, uint64_t address,
                      uint64_t bytes, uint32_t wanted_flags) {
  for (uint64_t i = 0; i < file->segments.count; ++i) {
    Elf64_Phdr segment = pt2__elf_segment(file, i);
    if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
        address - segment.p_vaddr <= segment.p_memsz &&
        bytes <= segment.p_memsz - (address - segment.p_vaddr) &&
        (segment.p_flags & wanted_flags) == wanted_flags) {
      return true;
    }
  }
  return false;
}

static bool is_power_of_two(uint64_t value) {
  return (value & (value - 1)) == 0;
}

static bool load_is_sound(const pt2__elf_file_t* file, Elf64_Phdr segment,
                          uint64_t end, uint64_t page) {
  return segment.p_vaddr >= end && segment.p_memsz < MAX_ADDRESS &&
         segment.p_vaddr < MAX_ADDRESS && segment.p_memsz > 0 &&
         segment.p_filesz <= segment.p_memsz &&
         segment.p_offset <= file->size &&
         segment.p_filesz <= file->size - segment.p_offset &&
         segment.p_align < MAX_ADDRESS && is_power_of_two(segment.p_align) &&
         (segment.p_vaddr - segment.p_offset) % page == 0;
}

static pt2_status_t check_segments(const pt2__elf_file_t* file) {
  uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
  uint64_t end = 0;
  unsigned loads = 0;
  if (file->header.e_type != ET_DYN) {
    return corrupt(file, "it is no shared object");
  }
  for (uint64_t i = 0; i < file->segments.count; ++i) {
    Elf64_Phdr segment = pt2__elf_segment(file, i);
    bool inside = in_memory(file, segment.p_vaddr, segment.p_memsz, PF_R) &&
                  segment.p_filesz <= segment.p_memsz;
    uint64_t offset;
    switch (segment.p_type) {
      case PT_LOAD:
        if (!load_is_sound(file, segment, end, page)) {
          return corrupt(file, "a segment leaves the file or overlaps another");
        }
        end = segment.p_vaddr + segment.p_memsz;
        ++loads;
        break;
      case PT_TLS:
        if (!inside || !is_power_of_two(segment.p_align) ||
            segment.p_align > page) {
          return corrupt(file, "the thread-local segment is not sound");
        }
        break;
      case PT_GNU_RELRO:
        if (!in_memory(file, segment.p_vaddr, segment.p_memsz, PF_W)) {
          return corrupt(file, "the relocated segment is not sound");
        }
        break;
      case PT_NOTE:
      case PT_GNU_EH_FRAME:
        if (!inside || !pt2__elf_locate(file, segment.p_vaddr, segment.p_filesz,
                                        &offset, NULL)) {
          return corrupt(file, "a segment lies outside the loaded ones");
        }
        break;
      case PT_INTERP:
        return corrupt(file, "it is a program, no shared object");
      default:
        break;
    }
  }
  return loads > 0 ? PT2_STATUS_OK : corrupt(file, "nothing to load");
}

// Kinds of relocation that act without a symbol.
static void relocation_kinds(const pt2__elf_file_t* file,
                             uint32_t* out_relative, uint32_t* out_indirect) {
  bool arm = file->header.e_machine == EM_AARCH64;
  *out_relative = arm ? 1027 : 8;
  *out_indirect = arm ? 1032 : 37;
}

typedef struct {
  uint64_t begin;
  uint64_t bytes;
} range_t;

static bool contains(range_t range, uint64_t address) {
  return address >= range.begin && address - range.begin < range.bytes;
}

static pt2_status_t check_relocations(const pt2__elf_file_t* file,
                                      uint64_t address, uint64_t bytes,
                                      uint64_t relative_count,
                                      const range_t calls[2]) {
  uint64_t offset;
  uint32_t relative;
  uint32_t indirect;
  relocation_kinds(file, &relative, &indirect);
  if (bytes % sizeof(Elf64_Rela) != 0 ||
      relative_count > bytes / sizeof(Elf64_Rela) ||
      !pt2__elf_locate(file, address, bytes, &offset, NULL)) {
    return corrupt(file, "the relocations lie outside the file");
  }
  for (uint64_t i = 0; i < bytes / sizeof(Elf64_Rela); ++i) {
    Elf64_Rela entry = {0};
    (void)pt2__elf_read(file, offset + i * sizeof(entry), &entry,
                        sizeof(entry));
    uint32_t type = (uint32_t)ELF64_R_TYPE(entry.r_info);
    if (ELF64_R_SYM(entry.r_info) >= file->symbols.count ||
        (type != 0 && !in_memory(file, entry.r_offset, 8, PF_W))) {
      return corrupt(file, "a relocation points outside the file");
    }
    bool is_call = contains(calls[0], entry.r_offset) ||
                   contains(calls[1], entry.r_offset);
    uint64_t target = (uint64_t)entry.r_addend;
    if ((i < relative_count && type != relative) ||
        (type == indirect && !in_memory(file, target, 1, PF_X)) ||
        (type == relative && is_call && !in_memory(file, target, 1, PF_X))) {
      return corrupt(file, "a relocation points to no code");
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_all_relocations(const pt2__elf_file_t* file) {
  uint64_t address;
  uint64_t bytes;
  uint64_t value;
  range_t calls[2] = {{0}};
  if (pt2__elf_dynamic_value(file, DT_INIT_ARRAY, &calls[0].begin)) {
    (void)pt2__elf_dynamic_value(file, DT_INIT_ARRAYSZ, &calls[0].bytes);
  }
  if (pt2__elf_dynamic_value(file, DT_FINI_ARRAY, &calls[1].begin)) {
    (void)pt2__elf_dynamic_value(file, DT_FINI_ARRAYSZ, &calls[1].bytes);
  }
  for (int i = 0; i < 2; ++i) {
    if (calls[i].bytes % 8 != 0 ||
        (calls[i].bytes > 0 &&
         !in_memory(file, calls[i].begin, calls[i].bytes, PF_R))) {
      return corrupt(file, "the initialisers lie outside the file");
    }
  }
  if (pt2__elf_dynamic_value(file, DT_RELA, &address)) {
    uint64_t relative_count = 0;
    (void)pt2__elf_dynamic_value(file, DT_RELACOUNT, &relative_count);
    if (!pt2__elf_dynamic_value(file, DT_RELASZ, &bytes) ||
        !pt2__elf_dynamic_value(file, DT_RELAENT, &value) ||
        value != sizeof(Elf64_Rela)) {
      return corrupt(file, "the relocations have no size");
    }
    PT2_TRY(check_relocations(file, address, bytes, relative_count, calls));
  }
  if (pt2__elf_dynamic_value(file, DT_JMPREL, &address)) {
    if (!pt2__elf_dynamic_value(file, DT_PLTRELSZ, &bytes) ||
        !pt2__elf_dynamic_value(file, DT_PLTREL, &value) || value != DT_RELA) {
      return corrupt(file, "the calls' relocations have no size");
    }
    PT2_TRY(check_relocations(file, address, bytes, 0, calls));
  }
  if (pt2__elf_dynamic_value(file, DT_REL, &address)) {
    return corrupt(file, "relocations of a foreign kind");
  }
  return PT2_STATUS_OK;
}

// Packed relative relocations: an address, then bitmaps of the words after it.
static pt2_status_t check_packed_relocations(const pt2__elf_file_t* file) {
  uint64_t address;
  uint64_t bytes = 0;
  uint64_t offset;
  uint64_t where = 0;
  if (!pt2__elf_dynamic_value(file, DT_RELR, &address)) {
    return PT2_STATUS_OK;
  }
  (void)pt2__elf_dynamic_value(file, DT_RELRSZ, &bytes);
  if (bytes % 8 != 0 || !pt2__elf_locate(file, address, bytes, &offset, NULL)) {
    return corrupt(file, "the packed relocations lie outside the file");
  }
  for (uint64_t i = 0; i < bytes / 8; ++i) {
    uint64_t entry = 0;
    (void)pt2__elf_read(file, offset + i * 8, &entry, 8);
    bool ok = true;
    if ((entry & 1) == 0) {
      ok = in_memory(file, entry, 8, PF_W);
      where = entry + 8;
    } else {
      for (unsigned bit = 1; bit < 64; ++bit) {
        if ((entry >> bit & 1) != 0) {
          ok = ok && in_memory(file, where + (bit - 1) * 8, 8, PF_W);
        }
      }
      where += 63 * 8;
    }
    if (!ok) {
      return corrupt(file, "a packed relocation points outside the file");
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t note_highest(void* user, const char* library,
                                 const char* version, uint16_t index) {
  (void)library;
  (void)version;
  uint16_t* highest = user;
  *highest = index > *highest ? index : *highest;
  return PT2_STATUS_OK;
}

// Versions that the file defines: none in what PyTorch's linker line makes, so
// one that is there must at least be whole.
static pt2_status_t check_versions(const pt2__elf_file_t* file) {
  uint64_t address;
  uint16_t highest = 1;
  if (pt2__elf_dynamic_value(file, DT_VERDEF, &address)) {
    return corrupt(file, "it defines symbol versions, which no model does");
  }
  if (file->needs.count > 0) {
    PT2_TRY(pt2__elf_visit_needs(file, note_highest, &highest));
  }
  for (uint64_t i = 0; i < file->versions.count; ++i) {
    uint16_t version = 0;
    (void)pt2__elf_read(file, file->versions.offset + i * 2, &version, 2);
    if ((version & 0x7fff) > highest) {
      return corrupt(file, "a symbol has a version that is not there");
    }
  }
  return PT2_STATUS_OK;
}

// Only functions: the linker calls some of them, while a symbol of data may
// stand for a section that is empty.
static pt2_status_t check_symbols(const pt2__elf_file_t* file) {
  for (uint64_t i = 1; i < file->symbols.count; ++i) {
    Elf64_Sym symbol = pt2__elf_symbol(file, i);
    unsigned type = ELF64_ST_TYPE(symbol.st_info);
    if (symbol.st_shndx != SHN_UNDEF && symbol.st_shndx != SHN_ABS &&
        (type == STT_FUNC || type == STT_GNU_IFUNC) &&
        !in_memory(file, symbol.st_value, 1, PF_X)) {
      return corrupt(file, "a symbol points outside the file");
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_dynamic(const pt2__elf_file_t* file) {
  for (uint64_t i = 0; i < file->dynamic_used; ++i) {
    Elf64_Dyn entry = pt2__elf_dynamic(file, i);
    bool ok = true;
    switch (entry.d_tag) {
      case DT_NEEDED:
      case DT_SONAME:
      case DT_RPATH:
      case DT_RUNPATH:
        ok = entry.d_un.d_val < file->strings.count;
        break;
      case DT_INIT:
      case DT_FINI:
        ok = in_memory(file, entry.d_un.d_ptr, 1, PF_X);
        break;
      case DT_PLTGOT:
        // The linker writes its own three words there.
        ok = in_memory(file, entry.d_un.d_ptr, 24, PF_W);
        break;
      case DT_TEXTREL:
      case DT_AUDIT:
      case DT_DEPAUDIT:
      case DT_AUXILIARY:
      case DT_FILTER:
      case DT_PREINIT_ARRAY:
        ok = false;
        break;
      default:
        break;
    }
    if (!ok) {
      return corrupt(file, "an entry of the dynamic section is not sound");
    }
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__elf_file_check(const pt2__elf_file_t* file) {
  PT2_TRY(check_segments(file));
  PT2_TRY(check_dynamic(file));
  PT2_TRY(check_symbols(file));
  PT2_TRY(check_versions(file));
  PT2_TRY(check_all_relocations(file));
  return check_packed_relocations(file);
}

#else
typedef int pt2__elf_check_is_empty_t;  // ISO C wants a declaration
#endif  // PT2_HAVE_ELF
