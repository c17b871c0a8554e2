// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/index/lay_out.h"

pt2_status_t pt2__lay_out_empty(int32_t dtype, int64_t rank,
                                const int64_t* sizes, bool channels_last,
                                pt2_tensor_t** out_tensor) {
  if (!channels_last) {
    return pt2__tensor_empty(dtype, rank, sizes, NULL, out_tensor);
  }
  int64_t strides[5];
  pt2__sizes_channels_last_strides(rank, sizes, strides);
  return pt2__tensor_empty(dtype, rank, sizes, strides, out_tensor);
}

pt2_status_t pt2__lay_out(const pt2_tensor_t* source, int32_t dtype,
                          bool channels_last, pt2_tensor_t** out_tensor) {
  if (!channels_last) {
    return pt2__tensor_to_contiguous(source, dtype, out_tensor);
  }
  if (source->dtype == dtype && pt2__tensor_is_channels_last(source)) {
    return pt2__tensor_alias(source, out_tensor);
  }
  pt2_tensor_t* copy = NULL;
  PT2_TRY(pt2__lay_out_empty(dtype, source->rank, source->sizes, true, &copy));
  pt2_status_t status = pt2__tensor_copy(copy, source);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(copy);
    return status;
  }
  *out_tensor = copy;
  return PT2_STATUS_OK;
}
