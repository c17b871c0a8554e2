// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "backends/cpu/kernels/elementwise/fill_number.h"

void pt2__fill_repeat_avx2(char* to, int64_t bytes, const void* pattern) {
  const __m256i value = _mm256_loadu_si256(pattern);
  int64_t at = 0;
  for (; at + 4 * PT2__FILL_PATTERN <= bytes; at += 4 * PT2__FILL_PATTERN) {
    for (int i = 0; i < 4; ++i) {
      _mm256_storeu_si256((void*)(to + at + i * PT2__FILL_PATTERN), value);
    }
  }
  for (; at < bytes; at += PT2__FILL_PATTERN) {
    int64_t some =
        bytes - at < PT2__FILL_PATTERN ? bytes - at : PT2__FILL_PATTERN;
    memcpy(to + at, pattern, (size_t)some);
  }
}
#endif
