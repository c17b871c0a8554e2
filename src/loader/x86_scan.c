// SPDX-License-Identifier: Apache-2.0
//
// A decoder of x86-64 instruction lengths. Compilers put nothing but
// instructions into .text, so decoding from its first byte on stays in step and
// an EVEX prefix that is met is one that will be executed, not data.
#include "loader/x86_scan.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

static const char* const feature_names[PT2__X86_COUNT] = {"AVX",
                                                          "FMA",
                                                          "F16C",
                                                          "BMI",
                                                          "AVX2",
                                                          "AVX_VNNI",
                                                          "VAES",
                                                          "GFNI",
                                                          "AVX512",
                                                          "AVX512_VNNI",
                                                          "AVX512_BF16",
                                                          "AVX512_FP16",
                                                          "AVX512_VBMI",
                                                          "AVX512_VBMI2",
                                                          "AVX512_IFMA",
                                                          "AVX512_BITALG",
                                                          "AVX512_VPOPCNTDQ",
                                                          "AMX"};

const char* pt2__x86_feature_name(unsigned bit) {
  return bit < PT2__X86_COUNT ? feature_names[bit] : "";
}

// What follows the opcode in the one-byte map.
enum {
  OP_NONE,
  OP_MODRM = 1,
  OP_IMM8 = 2,
  OP_IMM32 = 4,  // 16 bits under a 66 prefix
  OP_REL32 = 8,  // 32 bits always
  OP_IMM16 = 16,
  OP_MOFFS = 32,     // an 8-byte address
  OP_IMM_FULL = 64,  // 64 bits under REX.W
  OP_TEST = 128,     // an immediate only for /0 and /1
};

static unsigned one_byte_form(uint8_t op) {
  if (op < 0x40) {
    static const uint8_t forms[8] = {OP_MODRM, OP_MODRM, OP_MODRM, OP_MODRM,
                                     OP_IMM8,  OP_IMM32, OP_NONE,  OP_NONE};
    return forms[op & 7];
  }
  if ((op >= 0x70 && op <= 0x7f) || (op >= 0xb0 && op <= 0xb7) ||
      (op >= 0xe0 && op <= 0xe7)) {
    return OP_IMM8;
  }
  if ((op >= 0x84 && op <= 0x8f) || (op >= 0xd0 && op <= 0xd3) ||
      (op >= 0xd8 && op <= 0xdf)) {
    return OP_MODRM;
  }
  if (op >= 0xa0 && op <= 0xa3) {
    return OP_MOFFS;
  }
  if (op >= 0xb8 && op <= 0xbf) {
    return OP_IMM_FULL;
  }
  switch (op) {
    case 0x63:
    case 0xfe:
    case 0xff:
      return OP_MODRM;
    case 0x69:
    case 0x81:
    case 0xc7:
      return OP_MODRM | OP_IMM32;
    case 0x6b:
    case 0x80:
    case 0x82:
    case 0x83:
    case 0xc0:
    case 0xc1:
    case 0xc6:
      return OP_MODRM | OP_IMM8;
    case 0x68:
    case 0xa9:
      return OP_IMM32;
    case 0x6a:
    case 0xa8:
    case 0xcd:
    case 0xeb:
      return OP_IMM8;
    case 0xe8:
    case 0xe9:
      return OP_REL32;
    case 0xc2:
    case 0xca:
      return OP_IMM16;
    case 0xc8:
      return OP_IMM16 | OP_IMM8;
    case 0xf6:
      return OP_MODRM | OP_TEST | OP_IMM8;
    case 0xf7:
      return OP_MODRM | OP_TEST | OP_IMM32;
    default:
      return OP_NONE;
  }
}

static bool has_imm8(unsigned map, uint8_t op) {
  return map == 3 || (map == 1 && ((op >= 0x70 && op <= 0x73) || op == 0xa4 ||
                                   op == 0xac || op == 0xba || op == 0xc2 ||
                                   op == 0x0f || (op >= 0xc4 && op <= 0xc6)));
}

static unsigned two_byte_form(uint8_t op) {
  if (op >= 0x80 && op <= 0x8f) {
    return OP_REL32;
  }
  if ((op >= 0x30 && op <= 0x37) || (op >= 0xc8 && op <= 0xcf) || op == 0x77 ||
      op == 0x05 || op == 0x06 || op == 0x08 || op == 0x09 || op == 0x0b ||
      op == 0x0e || (op >= 0xa0 && op <= 0xa2) || (op >= 0xa8 && op <= 0xaa)) {
    return OP_NONE;
  }
  return OP_MODRM | (has_imm8(1, op) ? OP_IMM8 : 0);
}

// Bytes of ModRM, SIB and displacement.
static size_t modrm_bytes(const uint8_t* at, size_t left) {
  if (left < 2) {
    return 1;
  }
  unsigned mod = at[0] >> 6;
  unsigned rm = at[0] & 7;
  size_t bytes = 1;
  if (mod == 3) {
    return bytes;
  }
  if (rm == 4) {
    bytes = 2;
    rm = at[1] & 7;
  }
  if (mod == 0) {
    return bytes + (rm == 5 ? 4 : 0);
  }
  return bytes + (mod == 1 ? 1 : 4);
}

typedef struct {
  unsigned map;     // 1: 0F, 2: 0F38, 3: 0F3A, 5 and 6: half precision
  unsigned pp;      // 0: none, 1: 66, 2: F3, 3: F2
  bool wide;        // W
  unsigned length;  // L
  uint8_t op;
  bool of_register;  // ModRM names a register, not memory
} vector_op_t;

static bool between(uint8_t op, uint8_t first, uint8_t last) {
  return op >= first && op <= last;
}

static uint32_t evex_features(vector_op_t i) {
  uint32_t found = PT2__X86_AVX512;
  if (i.map == 5 || i.map == 6) {
    return found | PT2__X86_AVX512_FP16;
  }
  if (i.map == 2) {
    bool plain = i.pp == 1;
    if (plain && between(i.op, 0x50, 0x53)) {
      found |= PT2__X86_AVX512_VNNI;
    } else if ((i.pp == 2 && i.op == 0x52) || (i.pp >= 2 && i.op == 0x72)) {
      found |= PT2__X86_AVX512_BF16;
    } else if (plain && (i.op == 0x54 || i.op == 0x8f)) {
      found |= PT2__X86_AVX512_BITALG;
    } else if (plain && i.op == 0x55) {
      found |= PT2__X86_AVX512_VPOPCNTDQ;
    } else if (plain &&
               (i.op == 0x62 || i.op == 0x63 || between(i.op, 0x70, 0x73))) {
      found |= PT2__X86_AVX512_VBMI2;
    } else if (plain &&
               ((!i.wide && (i.op == 0x75 || i.op == 0x7d || i.op == 0x8d)) ||
                (i.wide && i.op == 0x83))) {
      found |= PT2__X86_AVX512_VBMI;
    } else if (plain && (i.op == 0xb4 || i.op == 0xb5)) {
      found |= PT2__X86_AVX512_IFMA;
    } else if (plain && between(i.op, 0xdc, 0xdf)) {
      found |= PT2__X86_VAES;
    }
  } else if (i.map == 3 && i.pp == 1 && between(i.op, 0x70, 0x73)) {
    found |= PT2__X86_AVX512_VBMI2;
  }
  if ((i.map == 2 && i.op == 0xcf) ||
      (i.map == 3 && (i.op == 0xce || i.op == 0xcf))) {
    found |= PT2__X86_GFNI;
  }
  return found;
}

static uint32_t vex_features_0f38(vector_op_t i) {
  bool ymm = i.length == 1;
  uint8_t op = i.op;
  if (op == 0x13) {
    return PT2__X86_F16C;
  }
  if (between(op, 0x96, 0x9f) || between(op, 0xa6, 0xaf) ||
      between(op, 0xb6, 0xbf)) {
    return PT2__X86_FMA;
  }
  if (op == 0x49 || op == 0x4b || op == 0x5c || op == 0x5e || op == 0x6c) {
    return PT2__X86_AMX;
  }
  if (between(op, 0x50, 0x53)) {
    return PT2__X86_AVX_VNNI;
  }
  if (op == 0xf2 || op == 0xf3 || between(op, 0xf5, 0xf7)) {
    return PT2__X86_BMI;
  }
  if (op == 0xcf) {
    return PT2__X86_GFNI;
  }
  if (between(op, 0xdc, 0xdf)) {
    return ymm ? PT2__X86_VAES : PT2__X86_AVX;
  }
  bool integer_ymm =
      ymm && (op <= 0x0b || between(op, 0x1c, 0x1e) ||
              between(op, 0x20, 0x2b) || between(op, 0x30, 0x40));
  bool always = op == 0x16 || op == 0x36 || between(op, 0x45, 0x47) ||
                between(op, 0x58, 0x5a) || op == 0x78 || op == 0x79 ||
                op == 0x8c || op == 0x8e || between(op, 0x90, 0x93) ||
                ((op == 0x18 || op == 0x19) && i.of_register);
  return integer_ymm || always ? PT2__X86_AVX2 : PT2__X86_AVX;
}

static uint32_t vex_features(vector_op_t i) {
  bool ymm = i.length == 1;
  uint8_t op = i.op;
  if (i.map == 2) {
    return vex_features_0f38(i);
  }
  if (i.map == 3) {
    if (op == 0x1d) {
      return PT2__X86_F16C;
    }
    if (op == 0xf0) {
      return PT2__X86_BMI;
    }
    if (op == 0xce || op == 0xcf) {
      return PT2__X86_GFNI;
    }
    if (between(op, 0x30, 0x33)) {
      return PT2__X86_AVX512;  // shifts of mask registers
    }
    bool avx2 = op <= 0x02 || op == 0x38 || op == 0x39 || op == 0x46 ||
                (ymm && (op == 0x0e || op == 0x0f || op == 0x42 || op == 0x4c));
    return avx2 ? PT2__X86_AVX2 : PT2__X86_AVX;
  }
  if (between(op, 0x41, 0x4b) || between(op, 0x90, 0x93) ||
      between(op, 0x98, 0x99)) {
    return PT2__X86_AVX512;  // mask registers
  }
  bool integer_ymm =
      ymm && i.pp != 0 && op != 0x6f && op != 0xe6 && op != 0xe7 &&
      op != 0xf0 && op != 0xd0 && op != 0xd6 &&
      (between(op, 0x60, 0x6d) || between(op, 0x70, 0x76) || op >= 0xd1);
  return integer_ymm ? PT2__X86_AVX2 : PT2__X86_AVX;
}

// An instruction behind a VEX or EVEX prefix at |at|; returns its length, 0 if
// it is none.
static size_t vector_instruction(const uint8_t* at, size_t left,
                                 uint32_t* found) {
  vector_op_t i = {.map = 1};
  size_t prefix = at[0] == 0xc5 ? 2 : at[0] == 0xc4 ? 3 : 4;
  if (left < prefix + 1) {
    return 0;
  }
  uint8_t last = at[prefix == 4 ? 2 : prefix - 1];
  i.pp = last & 3;
  i.length = last >> 2 & 1;
  if (prefix >= 3) {
    i.map = at[1] & (prefix == 3 ? 0x1f : 0x07);
    i.wide = (at[2] & 0x80) != 0;
  }
  i.op = at[prefix];
  i.of_register = left > prefix + 1 && at[prefix + 1] >= 0xc0;
  if (prefix == 4) {
    bool sound = (at[1] & 0x08) == 0 && (at[2] & 0x04) != 0 && i.map != 0 &&
                 i.map != 4 && i.map != 7;
    if (!sound) {
      return 0;
    }
    *found |= evex_features(i);
  } else {
    if (i.map < 1 || i.map > 3) {
      return 0;
    }
    *found |= vex_features(i);
  }
  if (prefix != 4 && i.map == 1 && i.op == 0x77) {
    return prefix + 1;  // vzeroupper has no ModRM
  }
  return prefix + 1 + modrm_bytes(at + prefix + 1, left - prefix - 1) +
         (has_imm8(i.map, i.op) ? 1 : 0);
}

// An instruction of the older encodings, its prefixes skipped.
static size_t plain_instruction(const uint8_t* at, size_t left, bool small,
                                bool wide) {
  unsigned form;
  size_t length = 1;
  if (at[0] != 0x0f) {
    form = one_byte_form(at[0]);
  } else if (left < 3) {
    return left;
  } else if (at[1] == 0x38 || at[1] == 0x3a) {
    length = 3;
    form = OP_MODRM | (at[1] == 0x3a ? OP_IMM8 : 0);
  } else {
    length = 2;
    form = two_byte_form(at[1]);
  }
  if (length >= left) {
    return left;
  }
  if ((form & OP_TEST) != 0 && (at[length] >> 3 & 7) > 1) {
    form = OP_MODRM;
  }
  length +=
      (form & OP_MODRM) != 0 ? modrm_bytes(at + length, left - length) : 0;
  length += (form & OP_IMM8) != 0 ? 1 : 0;
  length += (form & OP_IMM16) != 0 ? 2 : 0;
  length += (form & OP_IMM32) != 0 ? (small ? 2 : 4) : 0;
  length += (form & OP_REL32) != 0 ? 4 : 0;
  length += (form & OP_MOFFS) != 0 ? 8 : 0;
  length += (form & OP_IMM_FULL) != 0 ? (wide ? 8 : small ? 2 : 4) : 0;
  return length;
}

static bool is_prefix(uint8_t byte) {
  return byte == 0x66 || byte == 0x67 || byte == 0xf0 || byte == 0xf2 ||
         byte == 0xf3 || byte == 0x2e || byte == 0x36 || byte == 0x3e ||
         byte == 0x26 || byte == 0x64 || byte == 0x65;
}

uint32_t pt2__x86_scan(const uint8_t* code, size_t bytes) {
  uint32_t found = 0;
  for (size_t at = 0; at < bytes;) {
    bool small = false;
    bool wide = false;
    while (at < bytes && is_prefix(code[at])) {
      small = small || code[at] == 0x66;
      ++at;
    }
    if (at < bytes && (code[at] & 0xf0) == 0x40) {
      wide = (code[at] & 8) != 0;
      ++at;
    }
    if (at >= bytes) {
      break;
    }
    size_t left = bytes - at;
    size_t length;
    if (code[at] == 0xc4 || code[at] == 0xc5 || code[at] == 0x62) {
      length = vector_instruction(code + at, left, &found);
    } else {
      length = plain_instruction(code + at, left, small, wide);
    }
    at += length > 0 ? length : 1;
  }
  return found;
}

uint32_t pt2__x86_features_named(const char* text) {
  uint32_t found = 0;
  while (*text != '\0') {
    size_t length = strcspn(text, " ,;");
    for (unsigned bit = 0; bit < PT2__X86_COUNT; ++bit) {
      if (strlen(feature_names[bit]) == length &&
          memcmp(feature_names[bit], text, length) == 0) {
        found |= 1u << bit;
      }
    }
    if (length >= 3 && memcmp(text, "AMX", 3) == 0) {
      found |= PT2__X86_AMX;  // "AMX_TILE", "AMX_FP16"
    }
    text += length;
    text += strspn(text, " ,;");
  }
  return found;
}

#if defined(__x86_64__)

static uint64_t enabled_states(void) {
  uint32_t low;
  uint32_t high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

static uint32_t when(bool condition, uint32_t bit) {
  return condition ? bit : 0;
}

uint32_t pt2__x86_features_here(void) {
  unsigned a;
  unsigned b;
  unsigned c;
  unsigned d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || (c >> 27 & 1) == 0) {
    return 0;
  }
  uint64_t states = enabled_states();
  bool ymm = (states & 0x6) == 0x6;
  bool zmm = (states & 0xe6) == 0xe6;
  bool tiles = (states & 0x60000) == 0x60000;
  uint32_t here = when(ymm && (c >> 28 & 1), PT2__X86_AVX) |
                  when(ymm && (c >> 12 & 1), PT2__X86_FMA) |
                  when(ymm && (c >> 29 & 1), PT2__X86_F16C);
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
    return here;
  }
  unsigned leaves = a;
  bool avx512 =
      zmm && (b >> 16 & 1) && (b >> 17 & 1) && (b >> 30 & 1) && (b >> 31 & 1);
  here |= when((b >> 3 & 1) && (b >> 8 & 1), PT2__X86_BMI) |
          when(ymm && (b >> 5 & 1), PT2__X86_AVX2) |
          when(ymm && (c >> 9 & 1), PT2__X86_VAES) |
          when(c >> 8 & 1, PT2__X86_GFNI) | when(avx512, PT2__X86_AVX512) |
          when(avx512 && (c >> 11 & 1), PT2__X86_AVX512_VNNI) |
          when(avx512 && (d >> 23 & 1), PT2__X86_AVX512_FP16) |
          when(avx512 && (c >> 1 & 1), PT2__X86_AVX512_VBMI) |
          when(avx512 && (c >> 6 & 1), PT2__X86_AVX512_VBMI2) |
          when(avx512 && (b >> 21 & 1), PT2__X86_AVX512_IFMA) |
          when(avx512 && (c >> 12 & 1), PT2__X86_AVX512_BITALG) |
          when(avx512 && (c >> 14 & 1), PT2__X86_AVX512_VPOPCNTDQ) |
          when(tiles && (d >> 24 & 1), PT2__X86_AMX);
  if (leaves >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d)) {
    here |= when(ymm && (a >> 4 & 1), PT2__X86_AVX_VNNI) |
            when(avx512 && (a >> 5 & 1), PT2__X86_AVX512_BF16);
  }
  return here;
}

#else
uint32_t pt2__x86_features_here(void) { return 0; }
#endif
