// SPDX-License-Identifier: Apache-2.0
//
// Convolution without oneDNN: direct, by tiles (conv_tile.h), for three element
// types. Other dtypes are converted by the caller.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_DIRECT_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_DIRECT_H_

#include <stddef.h>

#include "ops/convolution.h"

// Finishes |count| results that lie at |values|, |offset| elements after the
// first of the output.
typedef void (*pt2__conv_epilogue_fn)(const void* context, void* values,
                                      int64_t count, int64_t offset);

typedef struct {
  const pt2__conv_t* conv;
  const void* input;
  int64_t input_strides[5];  // batch, channel, depth, height, width; elements
  const void* weight;
  int64_t weight_strides[5];  // dimensions 0 and 1, depth, height, width
  // The weight as pt2__conv_pack_* wrote it; NULL: not packed beforehand.
  const void* packed;
  const void* bias;  // channels_out elements; NULL: none
  void* output;      // dense, channels last if the convolution says so
  pt2__conv_epilogue_fn epilogue;  // may be NULL
  const void* epilogue_context;
} pt2__conv_direct_t;

// Computes; needs a convolution that is not empty.
//
// Errors: OUT_OF_MEMORY (the output is then partly written or not at all).
PT2_MUST_USE pt2_status_t pt2__conv_direct_f32(const pt2__conv_direct_t* call);
PT2_MUST_USE pt2_status_t pt2__conv_direct_f64(const pt2__conv_direct_t* call);
PT2_MUST_USE pt2_status_t pt2__conv_direct_i64(const pt2__conv_direct_t* call);

// Bytes of the packed weight, and packing into that many, aligned to 64.
size_t pt2__conv_packed_bytes_f32(const pt2__conv_t* conv);
void pt2__conv_pack_f32(const pt2__conv_direct_t* call, void* packed);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_DIRECT_H_
