// SPDX-License-Identifier: Apache-2.0
//
// Scales and bias of a quantised layer, one of each for every output channel.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QSCALES_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QSCALES_H_

#include "tensor/tensor.h"

typedef struct {
  float* weight;  // the weight's scales times another one
  float* bias;    // NULL: none
  size_t bytes;
} pt2__qscales_t;

// Spreads |scales| (one element or |channels|) times |factor|, and |bias| (may
// be NULL), both of any floating dtype.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__qscales_make(const pt2_tensor_t* scales,
                                            const pt2_tensor_t* bias,
                                            int64_t channels, float factor,
                                            pt2__qscales_t* out_scales);
void pt2__qscales_release(pt2__qscales_t* scales);

// values[i][j] *= scales[i]; |scale_count| is 1 or |rows|.
void pt2__qscales_apply(float* values, int64_t rows, int64_t columns,
                        const float* scales, int64_t scale_count);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QSCALES_H_
