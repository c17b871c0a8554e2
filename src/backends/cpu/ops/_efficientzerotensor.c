// SPDX-License-Identifier: Apache-2.0
//
// aten::_efficientzerotensor. torch's has no memory and only few of its
// operators know that; ours is made of zeros.
#include <string.h>

#include "ops/factory.h"

static pt2_status_t zeros(const int64_t* sizes, int64_t rank,
                          const pt2__factory_options_t* options,
                          pt2_tensor_t** out_result) {
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__factory_empty(sizes, rank, options, PT2_DTYPE_F32, &result));
  if (result->numel > 0) {
    memset(result->data, 0, result->storage->bytes);
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu__efficientzerotensor(
    const int64_t* size, int64_t size_len, int32_t* dtype, int32_t* layout,
    int32_t* device, int32_t device_index, int32_t* pin_memory,
    AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {
      .dtype = dtype, .layout = layout, .device = device};
  PT2_OP_RETURN("aten::_efficientzerotensor",
                zeros(size, size_len, &options, ret0));
}
