// SPDX-License-Identifier: Apache-2.0
//
// Which vector extensions x86-64 machine code uses, told by decoding it.
#ifndef PT2_SRC_LOADER_X86_SCAN_H_
#define PT2_SRC_LOADER_X86_SCAN_H_

#include <stddef.h>
#include <stdint.h>

// Extensions past the x86-64 baseline that models can need. PT2__X86_AVX512 is
// what PyTorch means by it: F, BW, DQ and VL.
enum {
  PT2__X86_AVX = 1u << 0,
  PT2__X86_FMA = 1u << 1,
  PT2__X86_F16C = 1u << 2,
  PT2__X86_BMI = 1u << 3,
  PT2__X86_AVX2 = 1u << 4,
  PT2__X86_AVX_VNNI = 1u << 5,
  PT2__X86_VAES = 1u << 6,
  PT2__X86_GFNI = 1u << 7,
  PT2__X86_AVX512 = 1u << 8,
  PT2__X86_AVX512_VNNI = 1u << 9,
  PT2__X86_AVX512_BF16 = 1u << 10,
  PT2__X86_AVX512_FP16 = 1u << 11,
  PT2__X86_AVX512_VBMI = 1u << 12,
  PT2__X86_AVX512_VBMI2 = 1u << 13,
  PT2__X86_AVX512_IFMA = 1u << 14,
  PT2__X86_AVX512_BITALG = 1u << 15,
  PT2__X86_AVX512_VPOPCNTDQ = 1u << 16,
  PT2__X86_AMX = 1u << 17,
  PT2__X86_COUNT = 18,
};

// The name of one feature bit: "AVX512_VNNI".
const char* pt2__x86_feature_name(unsigned bit);

// Features that the code at |code| uses. Instructions are decoded one after
// another from the first byte on, so |code| must start at one (a section does).
uint32_t pt2__x86_scan(const uint8_t* code, size_t bytes);

// Features named in |text|, as AOTI_CPU_ISA ("AVX512 AVX512_VNNI AMX_TILE")
// writes them; names of no x86 feature are skipped.
uint32_t pt2__x86_features_named(const char* text);

// Features of this machine, as far as the operating system lets them be used;
// 0 on other architectures.
uint32_t pt2__x86_features_here(void);

#endif  // PT2_SRC_LOADER_X86_SCAN_H_
