// SPDX-License-Identifier: Apache-2.0
//
// aten::rand and its overload with a generator.
#include "backends/cpu/random/sample.h"
#include "ops/factory.h"

static pt2_status_t sample(const int64_t* sizes, int64_t rank,
                           AtenGeneratorHandle* given,
                           const pt2__factory_options_t* options,
                           AtenTensorHandle* ret0) {
  pt2_tensor_t* result;
  PT2_TRY(pt2__factory_empty(sizes, rank, options, PT2_DTYPE_F32, &result));
  return pt2__sample_uniform(result, given, ret0);
}

AOTITorchError aoti_torch_cpu_rand(const int64_t* size, int64_t size_len,
                                   int32_t* dtype, int32_t* layout,
                                   int32_t* device, int32_t device_index,
                                   int32_t* pin_memory,
                                   AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {
      .dtype = dtype, .layout = layout, .device = device};
  PT2_OP_RETURN("aten::rand", sample(size, size_len, NULL, &options, ret0));
}

AOTITorchError aoti_torch_cpu_rand_generator(
    const int64_t* size, int64_t size_len, AtenGeneratorHandle* generator,
    int32_t* dtype, int32_t* layout, int32_t* device, int32_t device_index,
    int32_t* pin_memory, AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {
      .dtype = dtype, .layout = layout, .device = device};
  PT2_OP_RETURN("aten::rand.generator",
                sample(size, size_len, generator, &options, ret0));
}
