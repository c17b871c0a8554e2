// SPDX-License-Identifier: Apache-2.0
//
// What a model's shared object is, needs and offers, told without running it.
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "loader/elf_file.h"
#include "loader/inspect.h"
#include "loader/loader.h"
#include "loader/weights.h"
#include "loader/x86_scan.h"

static uint32_t read_u32(const uint8_t* at, bool big) {
  return big ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
                   (uint32_t)at[2] << 8 | at[3]
             : (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 |
                   (uint32_t)at[1] << 8 | at[0];
}

static uint16_t read_u16(const uint8_t* at, bool big) {
  return (uint16_t)(big ? at[0] << 8 | at[1] : at[1] << 8 | at[0]);
}

typedef struct {
  uint32_t code;
  const char* name;
} name_row_t;

static const char* name_of(const name_row_t* rows, size_t count,
                           uint32_t code) {
  for (size_t i = 0; i < count; ++i) {
    if (rows[i].code == code) {
      return rows[i].name;
    }
  }
  return "unknown";
}

#define NAME_OF(rows, code) \
  name_of(rows, sizeof(rows) / sizeof((rows)[0]), code)

static const char* elf_architecture(const uint8_t* data) {
  static const name_row_t rows[] = {
      {3, "i386"},    {8, "mips"},       {20, "powerpc"}, {21, "ppc64"},
      {22, "s390x"},  {40, "arm"},       {62, "x86_64"},  {183, "aarch64"},
      {243, "riscv"}, {258, "loongarch"}};
  return NAME_OF(rows, read_u16(data + 18, data[5] == 2));
}

static const char* macho_architecture(const uint8_t* data, bool big) {
  static const name_row_t rows[] = {
      {0x01000007, "x86_64"}, {0x0100000c, "arm64"}, {0x00000007, "i386"}};
  return NAME_OF(rows, read_u32(data + 4, big));
}

static const char* pe_architecture(const uint8_t* data, size_t size) {
  static const name_row_t rows[] = {
      {0x8664, "x86_64"}, {0xaa64, "aarch64"}, {0x014c, "i386"}};
  if (size < 64) {
    return "unknown";
  }
  uint64_t at = read_u32(data + 60, false);
  if (at + 6 > size || memcmp(data + at, "PE\0\0", 4) != 0) {
    return "unknown";
  }
  return NAME_OF(rows, read_u16(data + at + 4, false));
}

// Tells the file's format and machine from its first bytes.
static void identify(const uint8_t* data, size_t size, pt2__code_info_t* info) {
  info->format = "unknown";
  info->architecture = "unknown";
  if (size >= 20 && memcmp(data, "\177ELF", 4) == 0) {
    info->format = "ELF";
    info->architecture = elf_architecture(data);
  } else if (size >= 8 && (read_u32(data, false) == 0xfeedfacf ||
                           read_u32(data, false) == 0xfeedface)) {
    info->format = "Mach-O";
    info->architecture = macho_architecture(data, false);
  } else if (size >= 8 && (read_u32(data, true) == 0xfeedfacf ||
                           read_u32(data, true) == 0xfeedface)) {
    info->format = "Mach-O";
    info->architecture = macho_architecture(data, true);
  } else if (size >= 8 && read_u32(data, true) == 0xcafebabe) {
    info->format = "Mach-O";
    info->architecture = "universal";
  } else if (size >= 2 && data[0] == 'M' && data[1] == 'Z') {
    info->format = "PE";
    info->architecture = pe_architecture(data, size);
  }
}

#if defined(__APPLE__) && defined(__x86_64__)
#define MACHO_HERE 0x01000007
#elif defined(__APPLE__) && defined(__aarch64__)
#define MACHO_HERE 0x0100000c
#else
#define MACHO_HERE 0
#endif

static bool is_macho_64(const uint8_t* data, size_t size) {
  return size >= 32 && read_u32(data, false) == 0xfeedfacf;
}

#if PT2_HAVE_ELF

#if defined(__x86_64__)
#define MACHINE_HERE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE_HERE EM_AARCH64
#else
#define MACHINE_HERE EM_NONE
#endif

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BYTE_ORDER_HERE ELFDATA2MSB
#else
#define BYTE_ORDER_HERE ELFDATA2LSB
#endif

static bool starts_with(const char* text, const char* prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

typedef struct {
  const char** names;
  size_t count;
} version_list_t;

static pt2_status_t count_version(void* user, const char* library,
                                  const char* version, uint16_t index) {
  (void)library;
  (void)version;
  (void)index;
  ++*(size_t*)user;
  return PT2_STATUS_OK;
}

static pt2_status_t list_version(void* user, const char* library,
                                 const char* version, uint16_t index) {
  (void)library;
  (void)index;
  version_list_t* list = user;
  list->names[list->count++] = version;
  return PT2_STATUS_OK;
}

static void list_symbols(const pt2__elf_file_t* file, pt2__code_info_t* info) {
  bool old_string = false;
  for (uint64_t i = 1; i < file->symbols.count; ++i) {
    Elf64_Sym symbol = pt2__elf_symbol(file, i);
    const char* name = pt2__elf_string(file, symbol.st_name);
    if (symbol.st_shndx != SHN_UNDEF) {
      if (starts_with(name, "AOTInductor")) {
        info->exports[info->export_count++] = name;
      }
    } else if (*name != '\0') {
      info->imports[info->import_count++] = name;
      old_string = old_string || pt2__elf_is_old_string(name);
    }
  }
  info->old_string_abi = old_string && info->export_count > 0;
}

static void scan_code(const pt2__elf_file_t* file, pt2__code_info_t* info) {
  if (file->header.e_machine != EM_X86_64) {
    return;
  }
  for (uint64_t i = 0; i < file->sections.count; ++i) {
    Elf64_Shdr section = pt2__elf_section(file, i);
    if (section.sh_type != SHT_PROGBITS ||
        (section.sh_flags & SHF_EXECINSTR) == 0) {
      continue;
    }
    if (section.sh_offset > file->size ||
        section.sh_size > file->size - section.sh_offset) {
      info->code_scanned = false;
      return;
    }
    info->x86_features |=
        pt2__x86_scan(file->data + section.sh_offset, section.sh_size);
    info->code_scanned = true;
  }
}

// The feature bits as text, kept in |storage|.
static const char* describe_features(uint32_t features, char* storage,
                                     size_t bytes) {
  size_t used = 0;
  storage[0] = '\0';
  for (unsigned bit = 0; bit < PT2__X86_COUNT; ++bit) {
    if ((features >> bit & 1) != 0) {
      int wrote = snprintf(storage + used, bytes - used, "%s%s",
                           used > 0 ? " " : "", pt2__x86_feature_name(bit));
      used += wrote > 0 ? (size_t)wrote : 0;
    }
  }
  return storage;
}

#define FEATURE_TEXT_BYTES 256

static pt2_status_t inspect_tables(const uint8_t* data, size_t size,
                                   const char* name, pt2__code_info_t* info) {
  pt2__elf_file_t file;
  PT2_TRY(pt2__elf_file_open(data, size, name, &file));
  size_t versions = 0;
  PT2_TRY(pt2__elf_visit_needs(&file, count_version, &versions));
  size_t symbols = (size_t)file.symbols.count;
  size_t entries = 2 * symbols + (size_t)file.dynamic_used + versions;
  size_t bytes = entries * sizeof(char*) + FEATURE_TEXT_BYTES;
  const char** names = pt2__malloc(bytes);
  if (names == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  info->storage = names;
  info->imports = names;
  info->exports = names + symbols;
  info->needed = info->exports + symbols;
  info->versions = info->needed + file.dynamic_used;
  list_symbols(&file, info);
  for (uint64_t i = 0; i < file.dynamic_used; ++i) {
    Elf64_Dyn entry = pt2__elf_dynamic(&file, i);
    const char* library = pt2__elf_string(&file, entry.d_un.d_val);
    if (entry.d_tag == DT_NEEDED && library != NULL) {
      info->needed[info->needed_count++] = library;
    }
  }
  version_list_t list = {.names = info->versions};
  PT2_TRY(pt2__elf_visit_needs(&file, list_version, &list));
  info->version_count = list.count;
  pt2__weights_t weights;
  pt2__weights_find(&file, &weights);
  info->weights_offset = weights.offset;
  info->weights_bytes = weights.bytes;
  info->weights_writable = weights.writable;
  info->weights_appended = weights.appended;
  scan_code(&file, info);
  info->vector_isa = describe_features(
      info->x86_features, (char*)(names + entries), FEATURE_TEXT_BYTES);
  return PT2_STATUS_OK;
}

static bool has_tables(const uint8_t* data, size_t size) {
  return size >= sizeof(Elf64_Ehdr) && data[4] == ELFCLASS64 &&
         data[5] == BYTE_ORDER_HERE;
}

static bool is_ours(const uint8_t* data) {
  return MACHINE_HERE != EM_NONE && data[4] == ELFCLASS64 &&
         data[5] == BYTE_ORDER_HERE &&
         read_u16(data + 18, data[5] == 2) == MACHINE_HERE;
}

#else

static pt2_status_t inspect_tables(const uint8_t* data, size_t size,
                                   const char* name, pt2__code_info_t* info) {
  (void)data;
  (void)size;
  (void)name;
  (void)info;
  return PT2_STATUS_OK;
}

static bool has_tables(const uint8_t* data, size_t size) {
  (void)data;
  (void)size;
  return false;
}

static bool is_ours(const uint8_t* data) {
  (void)data;
  return false;
}

#endif  // PT2_HAVE_ELF

// The format, or CORRUPT for bytes that are no program.
static pt2_status_t identify_or_fail(const uint8_t* data, size_t size_bytes,
                                     const char* name, pt2__code_info_t* info) {
  identify(data, size_bytes, info);
  if (strcmp(info->format, "unknown") == 0) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: neither an ELF, Mach-O nor PE file (%zu bytes)", name,
                    size_bytes);
  }
  bool is_elf = strcmp(info->format, "ELF") == 0;
  info->loads_here = (is_elf && is_ours(data)) ||
                     (MACHO_HERE != 0 && is_macho_64(data, size_bytes) &&
                      read_u32(data + 4, false) == MACHO_HERE);
  if (is_elf && info->loads_here && !has_tables(data, size_bytes)) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: damaged shared object: cut within its header", name);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__code_require_native(const uint8_t* data, size_t size_bytes,
                                      const char* name) {
  pt2__code_info_t info = {0};
  PT2_TRY(identify_or_fail(data, size_bytes, name, &info));
  if (!info.loads_here) {
    return PT2_FAIL(PT2_STATUS_INCOMPATIBLE,
                    "%s: %s code for %s does not load here", name, info.format,
                    info.architecture);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__code_inspect(const uint8_t* data, size_t size_bytes,
                               const char* name, pt2__code_info_t* out_info) {
  pt2__code_info_t info = {.vector_isa = ""};
  PT2_TRY(identify_or_fail(data, size_bytes, name, &info));
  pt2_status_t status = PT2_STATUS_OK;
  if (strcmp(info.format, "ELF") == 0 && has_tables(data, size_bytes)) {
    status = inspect_tables(data, size_bytes, name, &info);
  } else if (is_macho_64(data, size_bytes)) {
    status = pt2__macho_inspect(data, size_bytes, name, &info);
  }
  if (status != PT2_STATUS_OK) {
    pt2__code_info_free(&info);
    return status;
  }
  *out_info = info;
  return PT2_STATUS_OK;
}

void pt2__code_info_free(pt2__code_info_t* info) {
  pt2__free(info->storage);
  *info = (pt2__code_info_t){.vector_isa = ""};
}
