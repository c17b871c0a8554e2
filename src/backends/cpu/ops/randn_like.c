// SPDX-License-Identifier: Apache-2.0
//
// aten::randn_like and its overload with a generator.
#include "backends/cpu/random/fill.h"
#include "ops/factory.h"
#include "ops/random.h"

static pt2_status_t sample(const pt2_tensor_t* self, AtenGeneratorHandle* given,
                           const pt2__factory_options_t* options,
                           AtenTensorHandle* ret0) {
  pt2_tensor_t *result, *parts;
  PT2_TRY(pt2__factory_empty_like(self, options, &result));
  pt2_status_t status =
      pt2__random_check_floating(result, "normal_kernel_cpu", true);
  if (status == PT2_STATUS_OK) {
    status = pt2__random_real_view(result, &parts);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  pt2__generator_t* generator = pt2__generator_acquire(given);
  pt2__fill_normal(
      generator, parts, 0.0,
      pt2__dtype_is_complex(result->dtype) ? 0.7071067811865475 : 1.0);
  pt2__generator_release(generator);
  pt2__tensor_release(parts);
  *ret0 = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_randn_like(AtenTensorHandle self, int32_t* dtype,
                                         int32_t* layout, int32_t* device,
                                         int32_t device_index,
                                         int32_t* pin_memory,
                                         int32_t* memory_format,
                                         AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {.dtype = dtype,
                                    .layout = layout,
                                    .device = device,
                                    .memory_format = memory_format};
  PT2_OP_RETURN("aten::randn_like", sample(self, NULL, &options, ret0));
}

AOTITorchError aoti_torch_cpu_randn_like_generator(
    AtenTensorHandle self, AtenGeneratorHandle* generator, int32_t* dtype,
    int32_t* layout, int32_t* device, int32_t device_index, int32_t* pin_memory,
    int32_t* memory_format, AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {.dtype = dtype,
                                    .layout = layout,
                                    .device = device,
                                    .memory_format = memory_format};
  PT2_OP_RETURN("aten::randn_like.generator",
                sample(self, generator, &options, ret0));
}
