// SPDX-License-Identifier: Apache-2.0
//
// What the CPU can do: kernels for an instruction set are chosen by it.
#ifndef PT2_SRC_BACKENDS_CPU_CPU_FEATURES_H_
#define PT2_SRC_BACKENDS_CPU_CPU_FEATURES_H_

#include <stdbool.h>

// Levels of kernels, each including the ones before it.
typedef enum {
  PT2__CPU_PORTABLE = 0,
  PT2__CPU_AVX2 = 1,    // AVX2, FMA, F16C, BMI2
  PT2__CPU_AVX512 = 2,  // and AVX-512 F, BW, DQ, VL
  // Products and sums in one instruction: of bytes; of bfloat16; of tiles of
  // both (the operating system was asked for the tiles).
  PT2__CPU_VNNI = 3,        // and AVX-512 VNNI
  PT2__CPU_AVX512BF16 = 4,  // and AVX-512 BF16; not detected on Intel's
  PT2__CPU_AMX = 5,         // and AMX TILE, INT8, BF16
} pt2__cpu_level_t;

// The level of this CPU, or the lower one that $PT2_CPU_LEVEL asks for
// ("portable", "avx2", "avx512", "vnni", "avx512bf16", "amx"), read once.
// Threads: any.
pt2__cpu_level_t pt2__cpu_level(void);

// The level's name as PT2_CPU_LEVEL spells it.
const char* pt2__cpu_level_name(pt2__cpu_level_t level);

#endif  // PT2_SRC_BACKENDS_CPU_CPU_FEATURES_H_
