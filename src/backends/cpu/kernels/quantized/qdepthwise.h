// SPDX-License-Identifier: Apache-2.0
//
// Quantised convolutions of each channel by itself.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QDEPTHWISE_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QDEPTHWISE_H_

#include "backends/cpu/kernels/quantized/qimage.h"
#include "backends/cpu/kernels/quantized/requantize.h"
#include "tensor/tensor.h"

// |weight| [channels, 1, ...] of int8. |finish| has no weight sums yet.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__qdepthwise(const pt2__qimage_t* image,
                                          const pt2_tensor_t* weight,
                                          const pt2__requantize_t* finish);

// ---- Kernels for instructions that multiply four bytes with four -----------

// Channels of a chunk, and bytes that a position has: of each channel four rows
// of the kernel side by side.
#define PT2__QDEPTHWISE_CHANNELS 64
#define PT2__QDEPTHWISE_BYTES (4 * PT2__QDEPTHWISE_CHANNELS)

typedef struct {
  int64_t quads;           // groups of four rows of the kernel
  int64_t width;           // of the kernel
  int64_t pixels;          // of the result
  int64_t stride;          // positions between pixels
  int64_t dilation;        // positions between taps
  int64_t positions;       // of each quad
  int channels;            // 1 to CHANNELS
  const uint8_t* columns;  // [quads][positions][CHANNELS][4]
  const int8_t* weight;    // [quads][width][CHANNELS][4]
  int32_t* sums;           // [pixels][CHANNELS]
} pt2__qdepthwise_sums_t;

#if defined(__x86_64__)
void pt2__qdepthwise_sums_vnni(const pt2__qdepthwise_sums_t* sums);

// The |channels| (1 to CHANNELS) channels of |count| positions, |step| bytes
// apart, of four lines.
void pt2__qdepthwise_weave_vnni(const uint8_t* const* lines, int64_t step,
                                int64_t count, int channels, uint8_t* to);
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QDEPTHWISE_H_
