// SPDX-License-Identifier: Apache-2.0
//
// aten::randn and its overload with a generator. The parts of a complex
// number share its variance of 1.
#include "backends/cpu/random/fill.h"
#include "ops/factory.h"
#include "ops/random.h"

static pt2_status_t sample(const int64_t* sizes, int64_t rank,
                           AtenGeneratorHandle* given,
                           const pt2__factory_options_t* options,
                           AtenTensorHandle* ret0) {
  pt2_tensor_t *result, *parts;
  PT2_TRY(pt2__factory_empty(sizes, rank, options, PT2_DTYPE_F32, &result));
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

AOTITorchError aoti_torch_cpu_randn(const int64_t* size, int64_t size_len,
                                    int32_t* dtype, int32_t* layout,
                                    int32_t* device, int32_t device_index,
                                    int32_t* pin_memory,
                                    AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {
      .dtype = dtype, .layout = layout, .device = device};
  PT2_OP_RETURN("aten::randn", sample(size, size_len, NULL, &options, ret0));
}

AOTITorchError aoti_torch_cpu_randn_generator(
    const int64_t* size, int64_t size_len, AtenGeneratorHandle* generator,
    int32_t* dtype, int32_t* layout, int32_t* device, int32_t device_index,
    int32_t* pin_memory, AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {
      .dtype = dtype, .layout = layout, .device = device};
  PT2_OP_RETURN("aten::randn.generator",
                sample(size, size_len, generator, &options, ret0));
}
