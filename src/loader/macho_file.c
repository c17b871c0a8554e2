// SPDX-License-Identifier: Apache-2.0
//
// Headers, load commands and symbols of a Mach-O file; macho_fixups.c reads
// what the dynamic linker writes.
#include "loader/macho_file.h"

#include <string.h>

#include "base/status.h"
#include "loader/macho_read.h"

enum {
  MAGIC_64 = 0xfeedfacf,
  HEADER_BYTES = 32,
  SEGMENT_BYTES = 72,
  SYMBOL_BYTES = 16,
};

// Load commands; the high bit says that an old linker must not ignore them.
enum {
  LC_SYMTAB = 0x2,
  LC_LOAD_DYLIB = 0xc,
  LC_LOAD_WEAK_DYLIB = 0x18,
  LC_SEGMENT_64 = 0x19,
  LC_REEXPORT_DYLIB = 0x1f,
  LC_DYLD_INFO = 0x22,
  LC_LOAD_UPWARD_DYLIB = 0x23,
  LC_DYLD_CHAINED_FIXUPS = 0x34,
};

#define DAMAGED(file, ...)                                                  \
  PT2_FAIL(PT2_STATUS_CORRUPT, "%s: damaged Mach-O file: %s", (file)->name, \
           __VA_ARGS__)

static bool is_inside(const pt2__macho_file_t* file, pt2__macho_range_t range) {
  return range.offset <= file->size && range.bytes <= file->size - range.offset;
}

// ---- Load commands ---------------------------------------------------------

typedef struct {
  uint32_t kind;
  const uint8_t* at;
  uint32_t bytes;
} command_t;

static uint32_t word(const command_t* command, uint32_t offset) {
  return pt2__macho_u32(command->at + offset);
}

typedef pt2_status_t (*command_fn)(void* user, const command_t* command);

// Every command lies in the file with at least its own header.
static pt2_status_t visit_commands(const pt2__macho_file_t* file,
                                   command_fn visit, void* user) {
  uint64_t offset = HEADER_BYTES;
  uint64_t end = HEADER_BYTES + file->commands_bytes;
  for (uint32_t i = 0; i < file->command_count; ++i) {
    if (end - offset < 8) {
      return DAMAGED(file, "its load commands end too early");
    }
    command_t command = {.at = file->data + offset};
    command.kind = word(&command, 0) & 0x7fffffff;
    command.bytes = word(&command, 4);
    if (command.bytes < 8 || command.bytes > end - offset) {
      return DAMAGED(file, "a load command leaves their table");
    }
    PT2_TRY(visit(user, &command));
    offset += command.bytes;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t add_segment(pt2__macho_file_t* file,
                                const command_t* command) {
  if (command->bytes < SEGMENT_BYTES) {
    return DAMAGED(file, "a segment's command is too short");
  }
  if (file->segment_count == PT2__MACHO_MOST_SEGMENTS) {
    return DAMAGED(file, "it has more segments than any linker makes");
  }
  pt2__macho_segment_t* segment = &file->segments[file->segment_count++];
  memcpy(segment->name, command->at + 8, 16);
  segment->name[16] = '\0';
  segment->address = pt2__macho_u64(command->at + 24);
  segment->bytes = pt2__macho_u64(command->at + 32);
  segment->file_offset = pt2__macho_u64(command->at + 40);
  segment->file_bytes = pt2__macho_u64(command->at + 48);
  pt2__macho_range_t range = {segment->file_offset, segment->file_bytes};
  if (!is_inside(file, range) || segment->file_bytes > segment->bytes ||
      segment->bytes > UINT64_MAX / 2 || segment->address > UINT64_MAX / 2) {
    return DAMAGED(file, "a segment leaves the file or memory");
  }
  return PT2_STATUS_OK;
}

static pt2_status_t add_symbols(pt2__macho_file_t* file,
                                const command_t* command) {
  if (command->bytes < 24) {
    return DAMAGED(file, "the symbol table's command is too short");
  }
  file->symbols = (pt2__macho_range_t){
      word(command, 8), (uint64_t)word(command, 12) * SYMBOL_BYTES};
  file->strings = (pt2__macho_range_t){word(command, 16), word(command, 20)};
  if (!is_inside(file, file->symbols) || !is_inside(file, file->strings)) {
    return DAMAGED(file, "the symbol table leaves it");
  }
  if (file->strings.bytes > 0 &&
      file->data[file->strings.offset + file->strings.bytes - 1] != '\0') {
    return DAMAGED(file, "the symbols' names have no end");
  }
  return PT2_STATUS_OK;
}

static pt2_status_t add_dyld_info(pt2__macho_file_t* file,
                                  const command_t* command) {
  if (command->bytes < 48) {
    return DAMAGED(file, "the linker information's command is too short");
  }
  file->rebase = (pt2__macho_range_t){word(command, 8), word(command, 12)};
  file->bind = (pt2__macho_range_t){word(command, 16), word(command, 20)};
  file->lazy_bind = (pt2__macho_range_t){word(command, 32), word(command, 36)};
  if (!is_inside(file, file->rebase) || !is_inside(file, file->bind) ||
      !is_inside(file, file->lazy_bind)) {
    return DAMAGED(file, "the linker's information leaves it");
  }
  return PT2_STATUS_OK;
}

static pt2_status_t add_command(void* user, const command_t* command) {
  pt2__macho_file_t* file = user;
  switch (command->kind) {
    case LC_SEGMENT_64:
      return add_segment(file, command);
    case LC_SYMTAB:
      return add_symbols(file, command);
    case LC_DYLD_INFO:
      return add_dyld_info(file, command);
    case LC_DYLD_CHAINED_FIXUPS:
      if (command->bytes < 16) {
        return DAMAGED(file, "the fix-ups' command is too short");
      }
      file->chained = (pt2__macho_range_t){word(command, 8), word(command, 12)};
      return is_inside(file, file->chained)
                 ? PT2_STATUS_OK
                 : DAMAGED(file, "the chained fix-ups leave it");
    default:
      return PT2_STATUS_OK;
  }
}

// The image is one piece of memory that begins with the header.
static pt2_status_t find_extent(pt2__macho_file_t* file) {
  uint64_t end = 0;
  bool has_header = false;
  for (size_t i = 0; i < file->segment_count; ++i) {
    const pt2__macho_segment_t* segment = &file->segments[i];
    if (segment->file_offset == 0 && segment->file_bytes > 0) {
      file->base = segment->address;
      has_header = true;
    }
    if (segment->address + segment->bytes > end) {
      end = segment->address + segment->bytes;
    }
  }
  if (!has_header) {
    return DAMAGED(file, "no segment holds its header");
  }
  for (size_t i = 0; i < file->segment_count; ++i) {
    if (file->segments[i].address < file->base) {
      return DAMAGED(file, "a segment lies before its header");
    }
  }
  file->bytes = end - file->base;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__macho_open(const uint8_t* data, size_t size, const char* name,
                             pt2__macho_file_t* out_file) {
  pt2__macho_file_t file = {.data = data, .size = size, .name = name};
  if (size < HEADER_BYTES || pt2__macho_u32(data) != MAGIC_64) {
    return DAMAGED(&file, "it is no 64-bit little-endian one, or cut short");
  }
  file.cpu_type = pt2__macho_u32(data + 4);
  file.file_type = pt2__macho_u32(data + 12);
  file.command_count = pt2__macho_u32(data + 16);
  file.commands_bytes = pt2__macho_u32(data + 20);
  if (file.commands_bytes > size - HEADER_BYTES) {
    return DAMAGED(&file, "its load commands leave it");
  }
  PT2_TRY(visit_commands(&file, add_command, &file));
  PT2_TRY(find_extent(&file));
  *out_file = file;
  return PT2_STATUS_OK;
}

// ---- Libraries -------------------------------------------------------------

typedef struct {
  const pt2__macho_file_t* file;
  pt2__macho_needed_fn visit;
  void* user;
} needed_t;

static pt2_status_t visit_library(void* user, const command_t* command) {
  const needed_t* needed = user;
  if (command->kind != LC_LOAD_DYLIB && command->kind != LC_LOAD_WEAK_DYLIB &&
      command->kind != LC_REEXPORT_DYLIB &&
      command->kind != LC_LOAD_UPWARD_DYLIB) {
    return PT2_STATUS_OK;
  }
  uint32_t offset = command->bytes >= 24 ? word(command, 8) : command->bytes;
  if (offset >= command->bytes ||
      memchr(command->at + offset, '\0', command->bytes - offset) == NULL) {
    return DAMAGED(needed->file, "a needed library has no name");
  }
  return needed->visit(needed->user, (const char*)command->at + offset);
}

pt2_status_t pt2__macho_visit_needed(const pt2__macho_file_t* file,
                                     pt2__macho_needed_fn visit, void* user) {
  needed_t needed = {file, visit, user};
  return visit_commands(file, visit_library, &needed);
}

// ---- Symbols ---------------------------------------------------------------

enum {
  N_STAB = 0xe0,  // for debuggers
  N_PRIVATE = 0x10,
  N_TYPE = 0x0e,
  N_EXTERNAL = 0x01,
  N_UNDEFINED = 0x0,
  N_WEAK_REFERENCE = 0x40,
};

// The library of an undefined symbol is a byte of its description; the largest
// numbers mean something else.
static int library_of(uint16_t description) {
  int number = description >> 8;
  return number == 0xff   ? PT2__MACHO_MAIN
         : number == 0xfe ? PT2__MACHO_FLAT
                          : number;
}

static bool read_symbol(const pt2__macho_file_t* file, uint64_t index,
                        pt2__macho_symbol_t* out_symbol) {
  const uint8_t* at = file->data + file->symbols.offset + index * SYMBOL_BYTES;
  uint32_t name = pt2__macho_u32(at);
  uint8_t type = at[4];
  if ((type & N_STAB) != 0 || (type & N_EXTERNAL) == 0 ||
      name >= file->strings.bytes) {
    return false;
  }
  uint16_t description = pt2__macho_u16(at + 6);
  const char* text = (const char*)file->data + file->strings.offset + name;
  *out_symbol = (pt2__macho_symbol_t){
      .name = text[0] == '_' ? text + 1 : text,
      .is_import = (type & N_TYPE) == N_UNDEFINED,
      .is_private = (type & N_PRIVATE) != 0,
      .may_be_missing = (description & N_WEAK_REFERENCE) != 0,
      .library = library_of(description),
      .address = pt2__macho_u64(at + 8),
  };
  return true;
}

pt2_status_t pt2__macho_visit_symbols(const pt2__macho_file_t* file,
                                      pt2__macho_symbol_fn visit, void* user) {
  for (uint64_t i = 0; i < file->symbols.bytes / SYMBOL_BYTES; ++i) {
    pt2__macho_symbol_t symbol;
    if (read_symbol(file, i, &symbol)) {
      PT2_TRY(visit(user, &symbol));
    }
  }
  return PT2_STATUS_OK;
}

bool pt2__macho_locate(const pt2__macho_file_t* file, uint64_t address,
                       uint64_t bytes, uint64_t* out_offset) {
  for (size_t i = 0; i < file->segment_count; ++i) {
    const pt2__macho_segment_t* segment = &file->segments[i];
    if (address < segment->address) {
      continue;
    }
    uint64_t inside = address - segment->address;
    if (inside <= segment->file_bytes &&
        bytes <= segment->file_bytes - inside) {
      *out_offset = segment->file_offset + inside;
      return true;
    }
  }
  return false;
}
