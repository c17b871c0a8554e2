// SPDX-License-Identifier: Apache-2.0
#include "loader/elf_file.h"

#if PT2_HAVE_ELF

#include <string.h>

#include "base/status.h"

bool pt2__elf_read(const pt2__elf_file_t* file, uint64_t offset, void* out,
                   size_t bytes) {
  if (offset > file->size || bytes > file->size - offset) {
    return false;
  }
  memcpy(out, file->data + offset, bytes);
  return true;
}

// Tables were checked when they were found, so a read cannot fail; an entry of
// zeros is what a caller gets if it asks beyond one.
#define READ_ENTRY(type, table, index)                                  \
  type entry = {0};                                                     \
  if ((index) < (table).count) {                                        \
    (void)pt2__elf_read(file, (table).offset + (index) * sizeof(entry), \
                        &entry, sizeof(entry));                         \
  }                                                                     \
  return entry

Elf64_Phdr pt2__elf_segment(const pt2__elf_file_t* file, uint64_t index) {
  READ_ENTRY(Elf64_Phdr, file->segments, index);
}

Elf64_Shdr pt2__elf_section(const pt2__elf_file_t* file, uint64_t index) {
  READ_ENTRY(Elf64_Shdr, file->sections, index);
}

Elf64_Dyn pt2__elf_dynamic(const pt2__elf_file_t* file, uint64_t index) {
  READ_ENTRY(Elf64_Dyn, file->dynamic, index);
}

Elf64_Sym pt2__elf_symbol(const pt2__elf_file_t* file, uint64_t index) {
  READ_ENTRY(Elf64_Sym, file->symbols, index);
}

bool pt2__elf_locate(const pt2__elf_file_t* file, uint64_t address,
                     uint64_t bytes, uint64_t* out_offset,
                     Elf64_Phdr* out_segment) {
  for (uint64_t i = 0; i < file->segments.count; ++i) {
    Elf64_Phdr segment = pt2__elf_segment(file, i);
    if (segment.p_type != PT_LOAD || address < segment.p_vaddr) {
      continue;
    }
    uint64_t inside = address - segment.p_vaddr;
    if (inside > segment.p_filesz || bytes > segment.p_filesz - inside ||
        segment.p_offset > file->size ||
        inside > file->size - segment.p_offset ||
        bytes > file->size - segment.p_offset - inside) {
      continue;
    }
    *out_offset = segment.p_offset + inside;
    if (out_segment != NULL) {
      *out_segment = segment;
    }
    return true;
  }
  return false;
}

const char* pt2__elf_string(const pt2__elf_file_t* file, uint64_t index) {
  return index < file->strings.count
             ? (const char*)file->data + file->strings.offset + index
             : NULL;
}

bool pt2__elf_dynamic_value(const pt2__elf_file_t* file, int64_t tag,
                            uint64_t* out_value) {
  for (uint64_t i = 0; i < file->dynamic_used; ++i) {
    Elf64_Dyn entry = pt2__elf_dynamic(file, i);
    if (entry.d_tag == tag) {
      *out_value = entry.d_un.d_val;
      return true;
    }
  }
  return false;
}

static pt2_status_t corrupt(const pt2__elf_file_t* file, const char* what) {
  return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: damaged shared object: %s",
                  file->name, what);
}

static pt2_status_t find_segments(pt2__elf_file_t* file) {
  if (!pt2__elf_read(file, 0, &file->header, sizeof(file->header))) {
    return corrupt(file, "cut within its header");
  }
  const Elf64_Ehdr* header = &file->header;
  if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 ||
      header->e_phnum == PN_XNUM) {
    return corrupt(file, "no program headers");
  }
  uint64_t bytes = (uint64_t)header->e_phnum * sizeof(Elf64_Phdr);
  if (header->e_phoff > file->size || bytes > file->size - header->e_phoff) {
    return corrupt(file, "program headers lie outside the file");
  }
  file->segments =
      (pt2__elf_table_t){.offset = header->e_phoff, .count = header->e_phnum};
  if (header->e_shoff == 0 && header->e_shnum == 0) {
    return PT2_STATUS_OK;
  }
  bytes = (uint64_t)header->e_shnum * sizeof(Elf64_Shdr);
  if (header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shnum == 0 ||
      header->e_shoff > file->size || bytes > file->size - header->e_shoff) {
    return corrupt(file, "section headers lie outside the file");
  }
  file->sections =
      (pt2__elf_table_t){.offset = header->e_shoff, .count = header->e_shnum};
  return PT2_STATUS_OK;
}

static pt2_status_t find_dynamic(pt2__elf_file_t* file) {
  for (uint64_t i = 0; i < file->segments.count; ++i) {
    Elf64_Phdr segment = pt2__elf_segment(file, i);
    uint64_t offset;
    if (segment.p_type != PT_DYNAMIC) {
      continue;
    }
    // The linker reads it at its address, a tool at its offset: both must mean
    // the same bytes.
    if (!pt2__elf_locate(file, segment.p_vaddr, segment.p_filesz, &offset,
                         NULL) ||
        offset != segment.p_offset) {
      return corrupt(file, "the dynamic section lies outside the file");
    }
    file->dynamic.offset = offset;
    file->dynamic.count = segment.p_filesz / sizeof(Elf64_Dyn);
    for (uint64_t j = 0; j < file->dynamic.count; ++j) {
      if (pt2__elf_dynamic(file, j).d_tag == DT_NULL) {
        file->dynamic_used = j;
        return PT2_STATUS_OK;
      }
    }
    return corrupt(file, "the dynamic section has no end");
  }
  return corrupt(file, "no dynamic section");
}

static pt2_status_t find_strings(pt2__elf_file_t* file) {
  uint64_t address;
  uint64_t bytes;
  if (!pt2__elf_dynamic_value(file, DT_STRTAB, &address) ||
      !pt2__elf_dynamic_value(file, DT_STRSZ, &bytes) || bytes == 0 ||
      !pt2__elf_locate(file, address, bytes, &file->strings.offset, NULL)) {
    return corrupt(file, "no string table within the file");
  }
  if (file->data[file->strings.offset + bytes - 1] != 0) {
    return corrupt(file, "the string table is not terminated");
  }
  file->strings.count = bytes;
  return PT2_STATUS_OK;
}

// The number of symbols is written nowhere: a GNU hash table tells it by the
// end of its last chain, the older one by its count of chains.
static bool count_by_gnu_hash(const pt2__elf_file_t* file, uint64_t address,
                              uint64_t* out_count) {
  uint32_t head[4];  // buckets, first symbol, bloom words, bloom shift
  uint64_t offset;
  if (!pt2__elf_locate(file, address, sizeof(head), &offset, NULL) ||
      !pt2__elf_read(file, offset, head, sizeof(head)) || head[0] == 0 ||
      head[2] == 0 || (head[2] & (head[2] - 1)) != 0 || head[3] > 63) {
    return false;
  }
  uint64_t buckets = offset + sizeof(head) + (uint64_t)head[2] * 8;
  uint64_t chains = buckets + (uint64_t)head[0] * 4;
  uint32_t last = 0;
  for (uint32_t i = 0; i < head[0]; ++i) {
    uint32_t first;
    if (!pt2__elf_read(file, buckets + (uint64_t)i * 4, &first, 4) ||
        (first != 0 && first < head[1])) {
      return false;
    }
    last = first > last ? first : last;
  }
  if (last == 0) {
    *out_count = head[1];
    return true;
  }
  for (uint64_t index = last;; ++index) {
    uint32_t hash;
    if (!pt2__elf_read(file, chains + (index - head[1]) * 4, &hash, 4)) {
      return false;
    }
    if ((hash & 1) != 0) {
      *out_count = index + 1;
      return true;
    }
  }
}

static bool count_by_old_hash(const pt2__elf_file_t* file, uint64_t address,
                              uint64_t* out_count) {
  uint32_t head[2];  // buckets, chains
  uint64_t offset;
  if (!pt2__elf_locate(file, address, sizeof(head), &offset, NULL) ||
      !pt2__elf_read(file, offset, head, sizeof(head)) || head[0] == 0) {
    return false;
  }
  // A chain is a list through the table; a damaged one may be a ring, which
  // the linker would follow for ever.
  for (uint64_t i = 0; i < head[0]; ++i) {
    uint32_t at;
    if (!pt2__elf_read(file, offset + 8 + i * 4, &at, 4)) {
      return false;
    }
    for (uint64_t steps = 0; at != 0; ++steps) {
      uint64_t chain = offset + 8 + ((uint64_t)head[0] + at) * 4;
      if (at >= head[1] || steps > head[1] ||
          !pt2__elf_read(file, chain, &at, 4)) {
        return false;
      }
    }
  }
  *out_count = head[1];
  return true;
}

static pt2_status_t find_symbols(pt2__elf_file_t* file) {
  uint64_t address;
  uint64_t hash;
  uint64_t count = 0;
  uint64_t other = 0;
  bool gnu = pt2__elf_dynamic_value(file, DT_GNU_HASH, &hash);
  bool counted = gnu && count_by_gnu_hash(file, hash, &count);
  if (pt2__elf_dynamic_value(file, DT_HASH, &hash)) {
    bool old = count_by_old_hash(file, hash, &other);
    counted = gnu ? counted && old && other == count : old;
    count = gnu ? count : other;
  }
  if (!counted) {
    return corrupt(file, "no sound symbol hash table");
  }
  uint64_t entry = sizeof(Elf64_Sym);
  (void)pt2__elf_dynamic_value(file, DT_SYMENT, &entry);
  if (entry != sizeof(Elf64_Sym) || count > file->size ||
      !pt2__elf_dynamic_value(file, DT_SYMTAB, &address) ||
      !pt2__elf_locate(file, address, count * sizeof(Elf64_Sym),
                       &file->symbols.offset, NULL)) {
    return corrupt(file, "the symbol table lies outside the file");
  }
  file->symbols.count = count;
  for (uint64_t i = 0; i < count; ++i) {
    if (pt2__elf_symbol(file, i).st_name >= file->strings.count) {
      return corrupt(file, "a symbol's name lies outside the string table");
    }
  }
  return PT2_STATUS_OK;
}

// Far above any real one; keeps a damaged table from taking long.
#define MAX_NEEDED_LIBRARIES 1024

static pt2_status_t check_need(void* user, const char* library,
                               const char* version, uint16_t index) {
  (void)user;
  (void)library;
  (void)version;
  (void)index;
  return PT2_STATUS_OK;
}

static pt2_status_t find_versions(pt2__elf_file_t* file) {
  uint64_t address;
  uint64_t count;
  if (pt2__elf_dynamic_value(file, DT_VERNEED, &address)) {
    if (!pt2__elf_dynamic_value(file, DT_VERNEEDNUM, &count) || count == 0 ||
        count > MAX_NEEDED_LIBRARIES ||
        !pt2__elf_locate(file, address, 0, &file->needs.offset, NULL)) {
      return corrupt(file, "the needed versions lie outside the file");
    }
    file->needs.count = count;
    PT2_TRY(pt2__elf_visit_needs(file, check_need, NULL));
  }
  if (pt2__elf_dynamic_value(file, DT_VERSYM, &address)) {
    if (!pt2__elf_locate(file, address, file->symbols.count * 2,
                         &file->versions.offset, NULL)) {
      return corrupt(file, "the symbol versions lie outside the file");
    }
    file->versions.count = file->symbols.count;
  }
  return PT2_STATUS_OK;
}

// The hash of the System V ABI, which stands beside a version's name.
static uint32_t hash_name(const char* name) {
  uint32_t hash = 0;
  for (; *name != '\0'; ++name) {
    hash = (hash << 4) + (uint8_t)*name;
    uint32_t high = hash & UINT32_C(0xf0000000);
    hash = (hash ^ (high >> 24)) & ~high;
  }
  return hash;
}

pt2_status_t pt2__elf_visit_needs(const pt2__elf_file_t* file,
                                  pt2__elf_need_fn visit, void* user) {
  uint64_t at = file->needs.offset;
  for (uint64_t i = 0; i < file->needs.count; ++i) {
    Elf64_Verneed need;
    const char* library = NULL;
    if (pt2__elf_read(file, at, &need, sizeof(need))) {
      library = pt2__elf_string(file, need.vn_file);
    }
    if (library == NULL || need.vn_version != 1) {
      return corrupt(file, "a needed version lies outside the file");
    }
    uint64_t aux_at = at + need.vn_aux;
    for (uint16_t j = 0; j < need.vn_cnt; ++j) {
      Elf64_Vernaux aux;
      const char* version = NULL;
      if (pt2__elf_read(file, aux_at, &aux, sizeof(aux))) {
        version = pt2__elf_string(file, aux.vna_name);
      }
      if (version == NULL || (aux.vna_next == 0) != (j + 1 == need.vn_cnt) ||
          (aux.vna_next != 0 && aux.vna_next < sizeof(aux))) {
        return corrupt(file, "a needed version lies outside the file");
      }
      // The dynamic linker takes for granted that they agree.
      if (aux.vna_hash != hash_name(version)) {
        return corrupt(file, "a needed version's name has another hash");
      }
      PT2_TRY(visit(user, library, version, aux.vna_other & 0x7fff));
      aux_at += aux.vna_next;
    }
    if ((need.vn_next == 0) != (i + 1 == file->needs.count) ||
        (need.vn_next != 0 && need.vn_next < sizeof(need))) {
      return corrupt(file, "the list of needed versions is broken");
    }
    at += need.vn_next;
  }
  return PT2_STATUS_OK;
}

typedef struct {
  uint16_t index;
  const char* version;
} version_search_t;

static pt2_status_t match_version(void* user, const char* library,
                                  const char* version, uint16_t index) {
  (void)library;
  version_search_t* search = user;
  if (index == search->index) {
    search->version = version;
  }
  return PT2_STATUS_OK;
}

bool pt2__elf_is_old_string(const char* name) {
  return strncmp(name, "_ZNSs", 5) == 0 || strncmp(name, "_ZNKSs", 6) == 0;
}

const char* pt2__elf_symbol_version(const pt2__elf_file_t* file,
                                    uint64_t index) {
  uint16_t version;
  if (index >= file->versions.count ||
      !pt2__elf_read(file, file->versions.offset + index * 2, &version, 2)) {
    return NULL;
  }
  version_search_t search = {.index = version & 0x7fff};
  if (search.index < 2 ||
      pt2__elf_visit_needs(file, match_version, &search) != PT2_STATUS_OK) {
    return NULL;
  }
  return search.version;
}

pt2_status_t pt2__elf_file_open(const uint8_t* data, size_t size_bytes,
                                const char* name, pt2__elf_file_t* out_file) {
  pt2__elf_file_t file = {.data = data, .size = size_bytes, .name = name};
  PT2_TRY(find_segments(&file));
  PT2_TRY(find_dynamic(&file));
  PT2_TRY(find_strings(&file));
  PT2_TRY(find_symbols(&file));
  PT2_TRY(find_versions(&file));
  *out_file = file;
  return PT2_STATUS_OK;
}

#else
typedef int pt2__elf_file_is_empty_t;  // ISO C wants a declaration
#endif  // PT2_HAVE_ELF
