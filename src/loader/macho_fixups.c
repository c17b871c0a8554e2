// SPDX-License-Identifier: Apache-2.0
//
// The pointers of a Mach-O image that the dynamic linker writes: as chains
// through the pages themselves (<mach-o/fixup-chains.h>, linkers for macOS 12
// and later), or as small programs that name one place after another
// (LC_DYLD_INFO, before that).
#include <string.h>

#include "base/status.h"
#include "loader/macho_file.h"
#include "loader/macho_read.h"

#define DAMAGED(file, ...)                                                  \
  PT2_FAIL(PT2_STATUS_CORRUPT, "%s: damaged Mach-O file: %s", (file)->name, \
           __VA_ARGS__)

typedef struct {
  const pt2__macho_file_t* file;
  pt2__macho_fixup_fn visit;
  void* user;
} visitor_t;

// A pointer must lie in the image.
static pt2_status_t report(const visitor_t* visitor,
                           const pt2__macho_fixup_t* fixup) {
  uint64_t offset;
  if (!pt2__macho_locate(visitor->file, fixup->address, 8, &offset)) {
    return DAMAGED(visitor->file, "a fix-up lies outside its segments");
  }
  return visitor->visit(visitor->user, fixup);
}

// C's names have an underscore before them.
static const char* c_name(const char* text) {
  return text[0] == '_' ? text + 1 : text;
}

// ---- Chains ----------------------------------------------------------------

enum {
  CHAIN_HEADER_BYTES = 28,
  POINTER_64 = 2,         // targets are addresses
  POINTER_64_OFFSET = 6,  // targets count from the header
  PAGE_HAS_NONE = 0xffff,
  SEGMENT_START_BYTES = 22,
};

typedef struct {
  const uint8_t* at;
  uint64_t bytes;
  uint32_t imports;
  uint32_t import_count;
  uint32_t import_format;
  const char* names;
  uint64_t names_bytes;
} chains_t;

static uint32_t import_bytes(uint32_t format) {
  return format == 1 ? 4 : format == 2 ? 8 : 16;
}

static pt2_status_t open_chains(const pt2__macho_file_t* file,
                                chains_t* chains) {
  chains->at = file->data + file->chained.offset;
  chains->bytes = file->chained.bytes;
  if (chains->bytes < CHAIN_HEADER_BYTES) {
    return DAMAGED(file, "its chained fix-ups are cut short");
  }
  uint32_t names = pt2__macho_u32(chains->at + 12);
  chains->imports = pt2__macho_u32(chains->at + 8);
  chains->import_count = pt2__macho_u32(chains->at + 16);
  chains->import_format = pt2__macho_u32(chains->at + 20);
  if (pt2__macho_u32(chains->at) != 0 || chains->import_format < 1 ||
      chains->import_format > 3 || pt2__macho_u32(chains->at + 24) != 0) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "%s: chained fix-ups of version %u, imports %u, names %u",
                    file->name, pt2__macho_u32(chains->at),
                    chains->import_format, pt2__macho_u32(chains->at + 24));
  }
  uint64_t imports_bytes =
      (uint64_t)chains->import_count * import_bytes(chains->import_format);
  if (chains->imports > chains->bytes ||
      imports_bytes > chains->bytes - chains->imports ||
      names > chains->bytes) {
    return DAMAGED(file, "its table of imports leaves the fix-ups");
  }
  chains->names = (const char*)chains->at + names;
  chains->names_bytes = chains->bytes - names;
  return PT2_STATUS_OK;
}

static pt2_status_t read_import(const pt2__macho_file_t* file,
                                const chains_t* chains, uint32_t index,
                                pt2__macho_fixup_t* fixup) {
  if (index >= chains->import_count) {
    return DAMAGED(file, "a fix-up's import does not exist");
  }
  uint32_t format = chains->import_format;
  const uint8_t* at =
      chains->at + chains->imports + (uint64_t)index * import_bytes(format);
  uint64_t name;
  if (format == 3) {
    uint64_t bits = pt2__macho_u64(at);
    fixup->library = (int16_t)(bits & 0xffff);
    fixup->may_be_missing = (bits >> 16 & 1) != 0;
    name = bits >> 32;
    fixup->addend = (int64_t)pt2__macho_u64(at + 8);
  } else {
    uint32_t bits = pt2__macho_u32(at);
    uint32_t number = bits & 0xff;
    fixup->library = number > 0xf0 ? (int)number - 256 : (int)number;
    fixup->may_be_missing = (bits >> 8 & 1) != 0;
    name = bits >> 9;
    fixup->addend = format == 2 ? (int32_t)pt2__macho_u32(at + 4) : 0;
  }
  if (name >= chains->names_bytes ||
      memchr(chains->names + name, '\0', chains->names_bytes - name) == NULL) {
    return DAMAGED(file, "an import's name has no end");
  }
  fixup->symbol = c_name(chains->names + name);
  return PT2_STATUS_OK;
}

// One chain, from its first pointer to the one without a next.
static pt2_status_t walk_chain(const visitor_t* visitor, const chains_t* chains,
                               uint16_t format, uint64_t address) {
  const pt2__macho_file_t* file = visitor->file;
  for (;;) {
    uint64_t offset;
    if (!pt2__macho_locate(file, address, 8, &offset)) {
      return DAMAGED(file, "a chain of fix-ups leaves its segment");
    }
    uint64_t bits = pt2__macho_u64(file->data + offset);
    pt2__macho_fixup_t fixup = {.address = address};
    if (bits >> 63 != 0) {
      PT2_TRY(read_import(file, chains, (uint32_t)(bits & 0xffffff), &fixup));
      fixup.addend += (int64_t)(bits >> 24 & 0xff);
    } else {
      fixup.target = (bits & 0xfffffffff) | (bits >> 36 & 0xff) << 56;
      if (format == POINTER_64_OFFSET) {
        fixup.target += file->base;
      }
    }
    PT2_TRY(report(visitor, &fixup));
    uint64_t next = bits >> 51 & 0xfff;
    if (next == 0) {
      return PT2_STATUS_OK;
    }
    address += 4 * next;
  }
}

static pt2_status_t walk_segment(const visitor_t* visitor,
                                 const chains_t* chains, const uint8_t* at,
                                 uint64_t bytes) {
  const pt2__macho_file_t* file = visitor->file;
  if (bytes < SEGMENT_START_BYTES) {
    return DAMAGED(file, "the starts of its chains are cut short");
  }
  uint16_t page_bytes = pt2__macho_u16(at + 4);
  uint16_t format = pt2__macho_u16(at + 6);
  uint64_t start = pt2__macho_u64(at + 8);
  uint16_t pages = pt2__macho_u16(at + 20);
  if (format != POINTER_64 && format != POINTER_64_OFFSET) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "%s: chained pointers of format %u (2 and 6 are those of "
                    "x86_64 and arm64)",
                    file->name, format);
  }
  if (2 * (uint64_t)pages > bytes - SEGMENT_START_BYTES) {
    return DAMAGED(file, "the starts of its chains are cut short");
  }
  for (uint16_t page = 0; page < pages; ++page) {
    uint16_t first = pt2__macho_u16(at + SEGMENT_START_BYTES + 2 * page);
    if (first != PAGE_HAS_NONE) {
      PT2_TRY(
          walk_chain(visitor, chains, format,
                     file->base + start + (uint64_t)page * page_bytes + first));
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t visit_chains(const visitor_t* visitor) {
  const pt2__macho_file_t* file = visitor->file;
  chains_t chains = {0};
  PT2_TRY(open_chains(file, &chains));
  uint32_t starts = pt2__macho_u32(chains.at + 4);
  if (starts > chains.bytes || chains.bytes - starts < 4) {
    return DAMAGED(file, "the starts of its chains leave the fix-ups");
  }
  uint32_t segments = pt2__macho_u32(chains.at + starts);
  if (segments > file->segment_count ||
      4 * (uint64_t)segments > chains.bytes - starts - 4) {
    return DAMAGED(file, "its fix-ups are of segments that it does not have");
  }
  for (uint32_t i = 0; i < segments; ++i) {
    uint64_t offset = pt2__macho_u32(chains.at + starts + 4 + 4 * i);
    if (offset == 0) {
      continue;
    }
    offset += starts;
    if (offset > chains.bytes) {
      return DAMAGED(file, "the starts of its chains leave the fix-ups");
    }
    PT2_TRY(walk_segment(visitor, &chains, chains.at + offset,
                         chains.bytes - offset));
  }
  return PT2_STATUS_OK;
}

// ---- Programs --------------------------------------------------------------

// Reads a program; |is_bad| once it went beyond its end.
typedef struct {
  const uint8_t* at;
  const uint8_t* end;
  bool is_bad;
} code_t;

static code_t code_of(const pt2__macho_file_t* file, pt2__macho_range_t range) {
  const uint8_t* at = file->data + range.offset;
  return (code_t){at, at + range.bytes, false};
}

static uint8_t next_byte(code_t* code) {
  if (code->at == code->end) {
    code->is_bad = true;
    return 0;
  }
  return *code->at++;
}

static uint64_t next_uleb(code_t* code) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    uint8_t byte = next_byte(code);
    value |= (uint64_t)(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) {
      return value;
    }
  }
  code->is_bad = true;
  return 0;
}

static int64_t next_sleb(code_t* code) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64;) {
    uint8_t byte = next_byte(code);
    value |= (uint64_t)(byte & 0x7f) << shift;
    shift += 7;
    if ((byte & 0x80) == 0) {
      bool negative = (byte & 0x40) != 0 && shift < 64;
      return (int64_t)(negative ? value | ~(uint64_t)0 << shift : value);
    }
  }
  code->is_bad = true;
  return 0;
}

static const char* next_text(code_t* code) {
  const uint8_t* end = memchr(code->at, '\0', (size_t)(code->end - code->at));
  if (end == NULL) {
    code->is_bad = true;
    return "";
  }
  const char* text = (const char*)code->at;
  code->at = end + 1;
  return text;
}

// The place that a program is at: an address once a segment was named.
static uint64_t next_place(const pt2__macho_file_t* file, code_t* code,
                           unsigned segment) {
  uint64_t offset = next_uleb(code);
  if (segment >= file->segment_count ||
      offset > file->segments[segment].bytes) {
    code->is_bad = true;
    return 0;
  }
  return file->segments[segment].address + offset;
}

// |count| pointers, |skip| bytes between them.
static pt2_status_t repeat(const visitor_t* visitor, code_t* code,
                           pt2__macho_fixup_t* fixup, uint64_t count,
                           uint64_t skip) {
  code->is_bad = code->is_bad || skip > visitor->file->bytes;
  for (uint64_t i = 0; i < count && !code->is_bad; ++i) {
    pt2__macho_fixup_t one = *fixup;
    uint64_t offset;
    if (!pt2__macho_locate(visitor->file, one.address, 8, &offset)) {
      code->is_bad = true;
      break;
    }
    if (one.symbol == NULL) {
      one.target = pt2__macho_u64(visitor->file->data + offset);
    }
    PT2_TRY(report(visitor, &one));
    fixup->address += 8 + skip;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t visit_rebases(const visitor_t* visitor) {
  const pt2__macho_file_t* file = visitor->file;
  code_t code = code_of(file, file->rebase);
  pt2__macho_fixup_t fixup = {0};
  while (code.at < code.end && !code.is_bad) {
    uint8_t byte = next_byte(&code);
    unsigned low = byte & 0x0f;
    uint64_t count = 0;
    uint64_t skip = 0;
    switch (byte >> 4) {
      case 0:  // done
        code.at = code.end;
        continue;
      case 1:  // the type of pointer: there is one
        continue;
      case 2:
        fixup.address = next_place(file, &code, low);
        continue;
      case 3:
        fixup.address += next_uleb(&code);
        continue;
      case 4:
        fixup.address += 8 * (uint64_t)low;
        continue;
      case 5:
        count = low;
        break;
      case 6:
        count = next_uleb(&code);
        break;
      case 7:
        count = 1;
        skip = next_uleb(&code);
        break;
      case 8:
        count = next_uleb(&code);
        skip = next_uleb(&code);
        break;
      default:
        code.is_bad = true;
    }
    PT2_TRY(repeat(visitor, &code, &fixup, count, skip));
  }
  return code.is_bad ? DAMAGED(file, "its table of own pointers is wrong")
                     : PT2_STATUS_OK;
}

// The parts of a bind program that only say what is bound next; false for the
// others.
static bool set_state(const pt2__macho_file_t* file, code_t* code, uint8_t byte,
                      pt2__macho_fixup_t* fixup) {
  unsigned low = byte & 0x0f;
  switch (byte >> 4) {
    case 1:
      fixup->library = (int)low;
      return true;
    case 2:
      fixup->library = (int)next_uleb(code);
      return true;
    case 3:
      fixup->library = low == 0 ? 0 : (int)low - 16;
      return true;
    case 4:
      fixup->may_be_missing = (low & 1) != 0;
      fixup->symbol = c_name(next_text(code));
      return true;
    case 5:  // the type of pointer: there is one
      return true;
    case 6:
      fixup->addend = next_sleb(code);
      return true;
    case 7:
      fixup->address = next_place(file, code, low);
      return true;
    case 8:
      fixup->address += next_uleb(code);
      return true;
    default:
      return false;
  }
}

// In the lazy program each import ends with "done".
static pt2_status_t visit_binds(const visitor_t* visitor,
                                pt2__macho_range_t range, bool is_lazy) {
  const pt2__macho_file_t* file = visitor->file;
  code_t code = code_of(file, range);
  pt2__macho_fixup_t fixup = {0};
  while (code.at < code.end && !code.is_bad) {
    uint8_t byte = next_byte(&code);
    if (set_state(file, &code, byte, &fixup)) {
      continue;
    }
    uint64_t count = 1;
    uint64_t skip = 0;
    switch (byte >> 4) {
      case 0:
        if (!is_lazy) {
          code.at = code.end;
        }
        fixup = (pt2__macho_fixup_t){0};
        continue;
      case 9:
        break;
      case 10:
        skip = next_uleb(&code);
        break;
      case 11:
        skip = 8 * (uint64_t)(byte & 0x0f);
        break;
      case 12:
        count = next_uleb(&code);
        skip = next_uleb(&code);
        break;
      default:
        code.is_bad = true;
    }
    code.is_bad = code.is_bad || fixup.symbol == NULL;
    PT2_TRY(repeat(visitor, &code, &fixup, count, skip));
  }
  return code.is_bad ? DAMAGED(file, "its table of imports is wrong")
                     : PT2_STATUS_OK;
}

pt2_status_t pt2__macho_visit_fixups(const pt2__macho_file_t* file,
                                     pt2__macho_fixup_fn visit, void* user) {
  visitor_t visitor = {file, visit, user};
  if (file->chained.bytes > 0) {
    return visit_chains(&visitor);
  }
  PT2_TRY(visit_rebases(&visitor));
  PT2_TRY(visit_binds(&visitor, file->bind, false));
  return visit_binds(&visitor, file->lazy_bind, true);
}
