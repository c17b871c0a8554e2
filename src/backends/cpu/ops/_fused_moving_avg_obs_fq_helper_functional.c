// SPDX-License-Identifier: Apache-2.0
//
// aten::_fused_moving_avg_obs_fq_helper_functional: works on copies of what
// the other one writes to, and returns them.
#include "backends/cpu/kernels/quantized/fake_quantize.h"

static pt2_status_t clone(const pt2_tensor_t* source, const char* name,
                          pt2_tensor_t** out_copy) {
  PT2_OP_CHECK_TENSOR(source, name);
  pt2_tensor_t* copy = NULL;
  PT2_TRY(pt2__tensor_empty_like(source, source->dtype, &copy));
  pt2_status_t status = pt2__tensor_copy(copy, source);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(copy);
    return status;
  }
  *out_copy = copy;
  return PT2_STATUS_OK;
}

static pt2_status_t run(pt2__fake_quantize_t* call, pt2_tensor_t** copies,
                        pt2_tensor_t** results) {
  PT2_TRY(clone(call->running_min, "running_min", &copies[0]));
  PT2_TRY(clone(call->running_max, "running_max", &copies[1]));
  PT2_TRY(clone(call->scale, "scale", &copies[2]));
  PT2_TRY(clone(call->zero_point, "zero_point", &copies[3]));
  call->running_min = copies[0];
  call->running_max = copies[1];
  call->scale = copies[2];
  call->zero_point = copies[3];
  return pt2__fake_quantize(call, &results[0], &results[1]);
}

AOTITorchError aoti_torch_cpu__fused_moving_avg_obs_fq_helper_functional(
    AtenTensorHandle self, AtenTensorHandle observer_on,
    AtenTensorHandle fake_quant_on, AtenTensorHandle running_min,
    AtenTensorHandle running_max, AtenTensorHandle scale,
    AtenTensorHandle zero_point, double averaging_const, int64_t quant_min,
    int64_t quant_max, int64_t ch_axis, int32_t per_row_fake_quant,
    int32_t symmetric_quant, AtenTensorHandle* ret0, AtenTensorHandle* ret1,
    AtenTensorHandle* ret2, AtenTensorHandle* ret3, AtenTensorHandle* ret4,
    AtenTensorHandle* ret5) {
  pt2__fake_quantize_t call = {.self = self,
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
  pt2_tensor_t* copies[4] = {NULL};
  pt2_tensor_t* results[2] = {NULL};
  pt2_status_t status = run(&call, copies, results);
  if (status != PT2_STATUS_OK) {
    for (int i = 0; i < 4; ++i) {
      pt2__tensor_release(copies[i]);
    }
  } else {
    *ret0 = results[0];
    *ret1 = results[1];
    *ret2 = copies[0];
    *ret3 = copies[1];
    *ret4 = copies[2];
    *ret5 = copies[3];
  }
  PT2_OP_RETURN("aten::_fused_moving_avg_obs_fq_helper_functional", status);
}
