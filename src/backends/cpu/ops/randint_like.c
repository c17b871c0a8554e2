// SPDX-License-Identifier: Apache-2.0
//
// aten::randint_like and its overload with a lower bound.
#include "backends/cpu/random/fill.h"
#include "ops/factory.h"
#include "ops/random.h"

static pt2_status_t sample(const pt2_tensor_t* self, int64_t low, int64_t high,
                           const pt2__factory_options_t* options,
                           AtenTensorHandle* ret0) {
  pt2_tensor_t* result;
  PT2_TRY(pt2__factory_empty_like(self, options, &result));
  pt2_status_t status = pt2__random_check_integers(result->dtype, &low, &high);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  pt2__generator_t* generator = pt2__generator_acquire(NULL);
  pt2__fill_integers(generator, result, (uint64_t)high - (uint64_t)low, low);
  pt2__generator_release(generator);
  *ret0 = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_randint_like(
    AtenTensorHandle self, int64_t high, int32_t* dtype, int32_t* layout,
    int32_t* device, int32_t device_index, int32_t* pin_memory,
    int32_t* memory_format, AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {.dtype = dtype,
                                    .layout = layout,
                                    .device = device,
                                    .memory_format = memory_format};
  PT2_OP_RETURN("aten::randint_like", sample(self, 0, high, &options, ret0));
}

AOTITorchError aoti_torch_cpu_randint_like_low_dtype(
    AtenTensorHandle self, int64_t low, int64_t high, int32_t* dtype,
    int32_t* layout, int32_t* device, int32_t device_index, int32_t* pin_memory,
    int32_t* memory_format, AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {.dtype = dtype,
                                    .layout = layout,
                                    .device = device,
                                    .memory_format = memory_format};
  PT2_OP_RETURN("aten::randint_like.low_dtype",
                sample(self, low, high, &options, ret0));
}
