// SPDX-License-Identifier: Apache-2.0
//
// aten::rand_like and its overload with a generator.
#include "backends/cpu/random/sample.h"
#include "ops/factory.h"

static pt2_status_t sample(const pt2_tensor_t* self, AtenGeneratorHandle* given,
                           const pt2__factory_options_t* options,
                           AtenTensorHandle* ret0) {
  pt2_tensor_t* result;
  PT2_TRY(pt2__factory_empty_like(self, options, &result));
  return pt2__sample_uniform(result, given, ret0);
}

AOTITorchError aoti_torch_cpu_rand_like(AtenTensorHandle self, int32_t* dtype,
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
  PT2_OP_RETURN("aten::rand_like", sample(self, NULL, &options, ret0));
}

AOTITorchError aoti_torch_cpu_rand_like_generator(
    AtenTensorHandle self, AtenGeneratorHandle* generator, int32_t* dtype,
    int32_t* layout, int32_t* device, int32_t device_index, int32_t* pin_memory,
    int32_t* memory_format, AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {.dtype = dtype,
                                    .layout = layout,
                                    .device = device,
                                    .memory_format = memory_format};
  PT2_OP_RETURN("aten::rand_like.generator",
                sample(self, generator, &options, ret0));
}
