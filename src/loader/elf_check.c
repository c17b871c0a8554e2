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
         // Only what is written to has a zeroed tail.
         (segment.p_filesz == segment.p_memsz ||
          (segment.p_flags & PF_W) != 0) &&
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

// Entries that make sense only together: a lost one would go unnoticed.
static bool pairs_are_whole(const pt2__elf_file_t* file) {
  static const int64_t pairs[][2] = {{DT_RELA, DT_RELASZ},
                                     {DT_RELA, DT_RELAENT},
                                     {DT_JMPREL, DT_PLTRELSZ},
                                     {DT_JMPREL, DT_PLTREL},
                                     {DT_RELR, DT_RELRSZ},
                                     {DT_INIT_ARRAY, DT_INIT_ARRAYSZ},
                                     {DT_FINI_ARRAY, DT_FINI_ARRAYSZ},
                                     {DT_VERNEED, DT_VERNEEDNUM}};
  uint64_t value;
  for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); ++i) {
    if (pt2__elf_dynamic_value(file, pairs[i][0], &value) !=
        pt2__elf_dynamic_value(file, pairs[i][1], &value)) {
      return false;
    }
  }
  return true;
}

static pt2_status_t check_dynamic(const pt2__elf_file_t* file) {
  if (!pairs_are_whole(file)) {
    return corrupt(file, "half of a table is not in the dynamic section");
  }
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

// ---- Section headers -------------------------------------------------------

// What .dynamic says of a section of |type|: tags of its address and size.
typedef struct {
  uint32_t type;
  int64_t address_tag;
  int64_t size_tag;  // 0: none
} section_tags_t;

static bool tags_agree(const pt2__elf_file_t* file, Elf64_Shdr section) {
  static const section_tags_t rows[] = {
      {SHT_DYNSYM, DT_SYMTAB, 0},
      {SHT_GNU_HASH, DT_GNU_HASH, 0},
      {SHT_HASH, DT_HASH, 0},
      {SHT_GNU_versym, DT_VERSYM, 0},
      {SHT_GNU_verneed, DT_VERNEED, 0},
      {SHT_INIT_ARRAY, DT_INIT_ARRAY, DT_INIT_ARRAYSZ},
      {SHT_FINI_ARRAY, DT_FINI_ARRAY, DT_FINI_ARRAYSZ}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    uint64_t address = 0;
    uint64_t size = section.sh_size;
    if (section.sh_type == rows[i].type &&
        (!pt2__elf_dynamic_value(file, rows[i].address_tag, &address) ||
         address != section.sh_addr ||
         (rows[i].size_tag != 0 &&
          (!pt2__elf_dynamic_value(file, rows[i].size_tag, &size) ||
           size != section.sh_size)))) {
      return false;
    }
  }
  return true;
}

// True if |bytes| at |address| are whole sections of |type|, side by side.
static bool are_sections(const pt2__elf_file_t* file, uint64_t address,
                         uint64_t bytes, uint32_t type) {
  uint64_t covered = 0;
  for (uint64_t i = 0; i < file->sections.count; ++i) {
    Elf64_Shdr section = pt2__elf_section(file, i);
    if (section.sh_type == type && (section.sh_flags & SHF_ALLOC) != 0 &&
        section.sh_addr == address + covered) {
      covered += section.sh_size;
      if (covered == bytes) {
        return true;
      }
    }
  }
  return covered == bytes;
}

static bool starts_code_section(const pt2__elf_file_t* file, int64_t tag) {
  uint64_t address;
  if (!pt2__elf_dynamic_value(file, tag, &address)) {
    return true;
  }
  for (uint64_t i = 0; i < file->sections.count; ++i) {
    Elf64_Shdr section = pt2__elf_section(file, i);
    if ((section.sh_flags & SHF_EXECINSTR) != 0 && section.sh_addr == address) {
      return true;
    }
  }
  return false;
}

static bool relocations_agree(const pt2__elf_file_t* file, int64_t address_tag,
                              int64_t size_tag) {
  uint64_t address;
  uint64_t bytes = 0;
  return !pt2__elf_dynamic_value(file, address_tag, &address) ||
         (pt2__elf_dynamic_value(file, size_tag, &bytes) &&
          are_sections(file, address, bytes, SHT_RELA));
}

// The linker reads no section headers; but where a file has them they say the
// same a second time, so that a damaged number shows.
static pt2_status_t check_sections(const pt2__elf_file_t* file) {
  for (uint64_t i = 0; i < file->sections.count; ++i) {
    Elf64_Shdr section = pt2__elf_section(file, i);
    uint64_t offset;
    Elf64_Phdr segment;
    if ((section.sh_flags & SHF_ALLOC) == 0 || section.sh_size == 0) {
      continue;
    }
    uint32_t flags = ((section.sh_flags & SHF_EXECINSTR) != 0 ? PF_X : 0) |
                     ((section.sh_flags & SHF_WRITE) != 0 ? PF_W : 0) | PF_R;
    bool sound = section.sh_type == SHT_NOBITS;
    if (!sound) {
      sound = pt2__elf_locate(file, section.sh_addr, section.sh_size, &offset,
                              &segment) &&
              offset == section.sh_offset &&
              (segment.p_flags & flags) == flags && tags_agree(file, section);
    }
    if (!sound) {
      return corrupt(file, "sections and segments contradict each other");
    }
  }
  if (file->sections.count > 0 &&
      !(starts_code_section(file, DT_INIT) &&
        starts_code_section(file, DT_FINI) &&
        relocations_agree(file, DT_RELA, DT_RELASZ) &&
        relocations_agree(file, DT_JMPREL, DT_PLTRELSZ))) {
    return corrupt(file, "sections and dynamic section contradict each other");
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__elf_file_check(const pt2__elf_file_t* file) {
  PT2_TRY(check_segments(file));
  PT2_TRY(check_sections(file));
  PT2_TRY(check_dynamic(file));
  PT2_TRY(check_symbols(file));
  PT2_TRY(check_versions(file));
  PT2_TRY(check_all_relocations(file));
  return check_packed_relocations(file);
}

#else
typedef int pt2__elf_check_is_empty_t;  // ISO C wants a declaration
#endif  // PT2_HAVE_ELF
