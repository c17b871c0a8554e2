// SPDX-License-Identifier: Apache-2.0
//
// A moving average of a tensor's range, and the tensor rounded to what a
// quantised one could say (quantisation-aware training).
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_FAKE_QUANTIZE_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_FAKE_QUANTIZE_H_

#include "ops/op.h"

typedef struct {
  const pt2_tensor_t* self;
  const pt2_tensor_t* observer_on;
  const pt2_tensor_t* fake_quant_on;
  pt2_tensor_t* running_min;
  pt2_tensor_t* running_max;
  pt2_tensor_t* scale;
  pt2_tensor_t* zero_point;
  double averaging_const;
  int64_t quant_min, quant_max;
  int64_t ch_axis;
  bool per_row;
  bool symmetric;
} pt2__fake_quantize_t;

// aten::_fused_moving_avg_obs_fq_helper: writes to the four tensors of |call|
// that are not const, and makes the result and its mask (true where nothing
// was clamped).
//
// Errors: INVALID_ARGUMENT, OUT_OF_MEMORY; nothing is then written
PT2_MUST_USE pt2_status_t pt2__fake_quantize(const pt2__fake_quantize_t* call,
                                             pt2_tensor_t** out_result,
                                             pt2_tensor_t** out_mask);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_FAKE_QUANTIZE_H_
