// SPDX-License-Identifier: Apache-2.0
//
// aten::randint and its overloads.
#include "backends/cpu/random/fill.h"
#include "backends/cpu/random/sample.h"
#include "ops/factory.h"
#include "ops/random.h"

static pt2_status_t sample(int64_t low, int64_t high, const int64_t* sizes,
                           int64_t rank, AtenGeneratorHandle* given,
                           const pt2__factory_options_t* options,
                           AtenTensorHandle* ret0) {
  pt2_tensor_t* result;
  PT2_TRY(pt2__factory_empty(sizes, rank, options, PT2_DTYPE_F32, &result));
  return pt2__sample_integers(result, low, high, given, ret0);
}

AOTITorchError aoti_torch_cpu_randint(int64_t high, const int64_t* size,
                                      int64_t size_len, int32_t* dtype,
                                      int32_t* layout, int32_t* device,
                                      int32_t device_index, int32_t* pin_memory,
                                      AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {
      .dtype = dtype, .layout = layout, .device = device};
  PT2_OP_RETURN("aten::randint",
                sample(0, high, size, size_len, NULL, &options, ret0));
}

AOTITorchError aoti_torch_cpu_randint_generator(
    int64_t high, const int64_t* size, int64_t size_len,
    AtenGeneratorHandle* generator, int32_t* dtype, int32_t* layout,
    int32_t* device, int32_t device_index, int32_t* pin_memory,
    AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {
      .dtype = dtype, .layout = layout, .device = device};
  PT2_OP_RETURN("aten::randint.generator",
                sample(0, high, size, size_len, generator, &options, ret0));
}

AOTITorchError aoti_torch_cpu_randint_low(int64_t low, int64_t high,
                                          const int64_t* size, int64_t size_len,
                                          int32_t* dtype, int32_t* layout,
                                          int32_t* device, int32_t device_index,
                                          int32_t* pin_memory,
                                          AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {
      .dtype = dtype, .layout = layout, .device = device};
  PT2_OP_RETURN("aten::randint.low",
                sample(low, high, size, size_len, NULL, &options, ret0));
}

static pt2_status_t sample_out(pt2_tensor_t* out, int64_t low, int64_t high,
                               const int64_t* sizes, int64_t rank) {
  PT2_OP_CHECK_TENSOR(out, "out");
  PT2_OP_CHECK(rank == out->rank, "out has %d dimensions, expected %lld",
               (int)out->rank, (long long)rank);
  for (int64_t d = 0; d < rank; ++d) {
    PT2_OP_CHECK(sizes[d] == out->sizes[d],
                 "out dim %lld: expected %lld, got %lld", (long long)d,
                 (long long)sizes[d], (long long)out->sizes[d]);
  }
  PT2_TRY(pt2__random_check_integers(out->dtype, &low, &high));
  pt2__generator_t* generator = pt2__generator_acquire(NULL);
  pt2__fill_integers(generator, out, (uint64_t)high - (uint64_t)low, low);
  pt2__generator_release(generator);
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_randint_low_out(AtenTensorHandle out, int64_t low,
                                              int64_t high, const int64_t* size,
                                              int64_t size_len) {
  PT2_OP_RETURN("aten::randint.low_out",
                sample_out(out, low, high, size, size_len));
}
