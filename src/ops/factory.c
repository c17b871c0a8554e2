// SPDX-License-Identifier: Apache-2.0
#include "ops/factory.h"

#include <inttypes.h>

static pt2_status_t check_options(const pt2__factory_options_t* options) {
  PT2_OP_CHECK(
      options->layout == NULL || *options->layout == PT2_LAYOUT_STRIDED,
      "layout %d is not supported", (int)*options->layout);
  return pt2__op_check_device(options->device, -1);
}

pt2_status_t pt2__factory_empty(const int64_t* sizes, int64_t rank,
                                const pt2__factory_options_t* options,
                                int32_t default_dtype,
                                pt2_tensor_t** out_tensor) {
  PT2_TRY(check_options(options));
  PT2_OP_CHECK(rank >= 0 && rank <= PT2__MAX_RANK && (rank == 0 || sizes),
               "a size of %" PRId64 " dimensions", rank);
  int32_t dtype = options->dtype != NULL ? *options->dtype : default_dtype;
  return pt2__tensor_empty(dtype, rank, sizes, NULL, out_tensor);
}

pt2_status_t pt2__factory_empty_like(const pt2_tensor_t* like,
                                     const pt2__factory_options_t* options,
                                     pt2_tensor_t** out_tensor) {
  PT2_OP_CHECK_TENSOR(like, "self");
  PT2_TRY(check_options(options));
  int32_t dtype = options->dtype != NULL ? *options->dtype : like->dtype;
  int32_t format = options->memory_format != NULL ? *options->memory_format
                                                  : PT2_MEMORY_FORMAT_PRESERVE;
  if (format == PT2_MEMORY_FORMAT_PRESERVE) {
    return pt2__tensor_empty_like(like, dtype, out_tensor);
  }
  int64_t strides[PT2__MAX_RANK];
  if (format == PT2_MEMORY_FORMAT_CONTIGUOUS) {
    return pt2__tensor_empty(dtype, like->rank, like->sizes, NULL, out_tensor);
  }
  PT2_OP_CHECK(format == PT2_MEMORY_FORMAT_CHANNELS_LAST ||
                   format == PT2_MEMORY_FORMAT_CHANNELS_LAST_3D,
               "memory format %d is not known", (int)format);
  int32_t rank = format == PT2_MEMORY_FORMAT_CHANNELS_LAST ? 4 : 5;
  PT2_OP_CHECK(like->rank == rank,
               "required rank %d tensor to use channels_last format",
               (int)rank);
  pt2__sizes_channels_last_strides(rank, like->sizes, strides);
  return pt2__tensor_empty(dtype, rank, like->sizes, strides, out_tensor);
}
