// SPDX-License-Identifier: Apache-2.0
//
// aten::new_empty and aten::new_zeros.
#include <string.h>

#include "ops/factory.h"

static pt2_status_t make(const pt2_tensor_t* self, const int64_t* sizes,
                         int64_t rank, const pt2__factory_options_t* options,
                         bool zeros, pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(self, "self");
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__factory_empty(sizes, rank, options, self->dtype, &result));
  if (zeros && result->numel > 0) {
    memset(result->data, 0, result->storage->bytes);
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_aten_new_empty(AtenTensorHandle self,
                                         const int64_t* size, int64_t size_len,
                                         int32_t* dtype, int32_t* layout,
                                         int32_t* device, int32_t device_index,
                                         int32_t* pin_memory,
                                         AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {
      .dtype = dtype, .layout = layout, .device = device};
  PT2_OP_RETURN("aten::new_empty",
                make(self, size, size_len, &options, false, ret0));
}

AOTITorchError aoti_torch_aten_new_zeros(AtenTensorHandle self,
                                         const int64_t* size, int64_t size_len,
                                         int32_t* dtype, int32_t* layout,
                                         int32_t* device, int32_t device_index,
                                         int32_t* pin_memory,
                                         AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {
      .dtype = dtype, .layout = layout, .device = device};
  PT2_OP_RETURN("aten::new_zeros",
                make(self, size, size_len, &options, true, ret0));
}
