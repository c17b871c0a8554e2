// SPDX-License-Identifier: Apache-2.0
//
// aten::_fused_moving_avg_obs_fq_helper.
#include "backends/cpu/kernels/quantized/fake_quantize.h"

AOTITorchError aoti_torch_cpu__fused_moving_avg_obs_fq_helper(
    AtenTensorHandle self, AtenTensorHandle observer_on,
    AtenTensorHandle fake_quant_on, AtenTensorHandle running_min,
    AtenTensorHandle running_max, AtenTensorHandle scale,
    AtenTensorHandle zero_point, double averaging_const, int64_t quant_min,
    int64_t quant_max, int64_t ch_axis, int32_t per_row_fake_quant,
    int32_t symmetric_quant, AtenTensorHandle* ret0, AtenTensorHandle* ret1) {
  const pt2__fake_quantize_t call = {.self = self,
                                     .observer_on = observer_on,
                                     .fake_quant_on = fake_quant_on,
                                     .running_min = running_min,
                                     .running_max = running_max,
                                     .scale = scale,
                                     .zero_point = zero_point,
                                     .averaging_const = averaging_const,
                                     .quant_min = quant_min,
                                     .quant_max = quant_max,
                                     .ch_axis = ch_axis,
                                     .per_row = per_row_fake_quant != 0,
                                     .symmetric = symmetric_quant != 0};
  PT2_OP_RETURN("aten::_fused_moving_avg_obs_fq_helper",
                pt2__fake_quantize(&call, ret0, ret1));
}
