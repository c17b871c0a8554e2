// SPDX-License-Identifier: Apache-2.0
//
// aten::randint_like and its overload with a lower bound; that with a bound in
// a tensor has no C function: models call it by name.
#include "backends/cpu/random/sample.h"
#include "ops/boxed.h"
#include "ops/factory.h"

static pt2_status_t sample(const pt2_tensor_t* self, int64_t low, int64_t high,
                           const pt2__factory_options_t* options,
                           AtenTensorHandle* ret0) {
  pt2_tensor_t* result;
  PT2_TRY(pt2__factory_empty_like(self, options, &result));
  return pt2__sample_integers(result, low, high, NULL, ret0);
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

// (Tensor self, Tensor high, *, ScalarType? dtype, …, MemoryFormat?
// memory_format)
static pt2_status_t below_tensor(const pt2__boxed_t* boxed,
                                 pt2_tensor_t** results) {
  pt2_tensor_t *self, *high, *bound;
  int64_t numbers[2] = {0, 0};
  bool given[2];
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "high", &high));
  PT2_TRY(pt2__boxed_enum(boxed, 2, "dtype", PT2_VALUE_DTYPE, &numbers[0],
                          &given[0]));
  PT2_TRY(pt2__boxed_enum(boxed, 6, "memory_format", PT2_VALUE_MEMORY_FORMAT,
                          &numbers[1], &given[1]));
  PT2_OP_CHECK(high->numel == 1 && high->rank == 0,
               "high must be a scalar tensor, got one of %d dimensions",
               (int)high->rank);
  PT2_TRY(pt2__tensor_to_contiguous(high, PT2_DTYPE_I64, &bound));
  const int64_t most = *(const int64_t*)bound->data;
  pt2__tensor_release(bound);
  const int32_t options[2] = {(int32_t)numbers[0], (int32_t)numbers[1]};
  const pt2__factory_options_t factory = {
      .dtype = given[0] ? &options[0] : NULL,
      .memory_format = given[1] ? &options[1] : NULL};
  return sample(self, 0, most, &factory, &results[0]);
}

PT2_BOXED_OVERLOAD(randint_like_tensor, "aten::randint_like.Tensor", 1,
                   below_tensor)
