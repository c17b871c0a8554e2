// SPDX-License-Identifier: Apache-2.0
//
// Where a quantised convolution finds its input.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QIMAGE_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QIMAGE_H_

#include "ops/convolution.h"

typedef struct {
  const pt2__conv_t* conv;
  const uint8_t* data;     // channels last
  const uint8_t* padding;  // a line of zero points
} pt2__qimage_t;

// Row |row| of the result, of which there are pt2__qimage_rows: which batch,
// depth, height and width.
int64_t pt2__qimage_rows(const pt2__conv_t* conv);
void pt2__qimage_locate(const pt2__conv_t* conv, int64_t row, int64_t* at);

// The line of the input below row |i| (of depth times height) of the kernel,
// or the one of zero points.
const uint8_t* pt2__qimage_line(const pt2__qimage_t* image, const int64_t* at,
                                int64_t i);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QIMAGE_H_
