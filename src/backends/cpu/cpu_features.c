// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/cpu_features.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

static bool has_f16c(void) {
  // Older compilers do not know the name in __builtin_cpu_supports.
  unsigned eax, ebx, ecx, edx;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
}

// Whether the system lets this process use the registers of tiles; it does only
// for those who ask, and then for good.
static bool may_use_tiles(void) {
#if defined(__linux__)
  enum { REQUEST = 0x1023, TILE_DATA = 18 };
  return syscall(SYS_arch_prctl, REQUEST, TILE_DATA) == 0;
#else
  return false;
#endif
}

// The levels above AVX512. Leaf 7 of the instruction CPUID says what there is;
// not all compilers have names for these features.
static pt2__cpu_level_t detect_products(void) {
  unsigned eax, ebx, ecx, edx, most;
  if (__get_cpuid_count(7, 0, &most, &ebx, &ecx, &edx) == 0 ||
      (ecx & 1U << 11) == 0) {
    return PT2__CPU_AVX512;
  }
  unsigned ecx1, edx1;
  const unsigned tiles = 1U << 22 | 1U << 24 | 1U << 25;
  bool has_bf16 = most >= 1 &&
                  __get_cpuid_count(7, 1, &eax, &ebx, &ecx1, &edx1) != 0 &&
                  (eax & 1U << 5) != 0;
  if (!has_bf16) {
    return PT2__CPU_VNNI;
  }
  if ((edx & tiles) == tiles) {
    return PT2__CPU_AMX;
  }
  // On an Intel CPU the instruction was slower than widening to float
  // (docs/adr/0020-dot-product-instructions.md).
  return __builtin_cpu_is("intel") ? PT2__CPU_VNNI : PT2__CPU_AVX512BF16;
}

static pt2__cpu_level_t detect(void) {
  // The builtins ask the operating system too, whether it saves the registers.
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
      !__builtin_cpu_supports("bmi2") || !has_f16c()) {
    return PT2__CPU_PORTABLE;
  }
  if (!__builtin_cpu_supports("avx512f") ||
      !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512vl")) {
    return PT2__CPU_AVX2;
  }
  return detect_products();
}
#else
static bool may_use_tiles(void) { return false; }
static pt2__cpu_level_t detect(void) { return PT2__CPU_PORTABLE; }
#endif

const char* pt2__cpu_level_name(pt2__cpu_level_t level) {
  static const char* const names[] = {"portable", "avx2",       "avx512",
                                      "vnni",     "avx512bf16", "amx"};
  return names[level];
}

pt2__cpu_level_t pt2__cpu_level(void) {
  static atomic_int known = -1;
  int level = atomic_load_explicit(&known, memory_order_relaxed);
  if (level >= 0) {
    return (pt2__cpu_level_t)level;
  }
  level = detect();
  const char* wanted = getenv("PT2_CPU_LEVEL");
  for (int lower = 0; wanted != NULL && lower < level; ++lower) {
    if (strcmp(wanted, pt2__cpu_level_name((pt2__cpu_level_t)lower)) == 0) {
      level = lower;
    }
  }
  if (level == PT2__CPU_AMX && !may_use_tiles()) {
    level = PT2__CPU_VNNI;
  }
  atomic_store_explicit(&known, level, memory_order_relaxed);
  return (pt2__cpu_level_t)level;
}
