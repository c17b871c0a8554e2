// SPDX-License-Identifier: Apache-2.0
//
// One dimension of 8-bit images resampled with integer weights.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_UPSAMPLE_U8_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_UPSAMPLE_U8_H_

#include "ops/op.h"

// Result i is made of |lengths[i]| elements from |firsts[i]| on, whose weights
// begin at |weights[i * most]| and have |bits| bits behind the point.
typedef struct {
  int64_t count, most;
  int bits;
  const int64_t* firsts;
  const int64_t* lengths;
  const int16_t* weights;
} pt2__upsample_u8_t;

// From [outer, length, width] to [outer, taps->count, width].
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__upsample_u8(const pt2__upsample_u8_t* taps,
                                           int64_t outer, int64_t length,
                                           int64_t width, const uint8_t* from,
                                           uint8_t* to);

// ---- Kernels of AVX2 -------------------------------------------------------

// Lines of pixels of 1, 3 or 4 bytes. Results are computed in groups of 8, or
// of 2 where pixels have more bytes than one; each result takes |steps| times 8
// elements (4), the ones that it is not made of with a weight of 0.
typedef struct {
  int64_t count;
  int64_t pixel;  // bytes
  int64_t steps;
  int bits;
  int64_t* firsts;   // in bytes, for whole groups
  int16_t* weights;  // in the order in which the kernel reads them
} pt2__upsample_u8_line_t;

// Weights of one vector.
#define PT2__UPSAMPLE_U8_LANES 16

// Of pixels of 3 bytes, it may read 4 bytes behind the line.
void pt2__upsample_u8_line_avx2(const pt2__upsample_u8_line_t* line,
                                const uint8_t* from, uint8_t* to);

// |to| is the sum of |length| weighted rows of |width| bytes, 32 or more.
void pt2__upsample_u8_rows_avx2(const uint8_t* from, const int16_t* weights,
                                int64_t length, int64_t width, int bits,
                                uint8_t* to);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_UPSAMPLE_U8_H_
