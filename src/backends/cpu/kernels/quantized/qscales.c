// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/quantized/qscales.h"

#include "base/memory.h"
#include "tensor/convert.h"

static void spread(const pt2_tensor_t* from, int64_t channels, float* to) {
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(from->dtype);
  int64_t stride = from->numel == 1 ? 0 : from->strides[from->rank - 1] * bytes;
  pt2__convert_run(PT2_DTYPE_F32, to, sizeof(*to), from->dtype, from->data,
                   stride, channels);
}

pt2_status_t pt2__qscales_make(const pt2_tensor_t* scales,
                               const pt2_tensor_t* bias, int64_t channels,
                               float factor, pt2__qscales_t* out_scales) {
  size_t bytes = (size_t)(channels * 2) * sizeof(float);
  float* memory = channels == 0 ? NULL : pt2__pool_alloc(bytes);
  if (memory == NULL && channels > 0) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  if (channels > 0) {
    spread(scales, channels, memory);
  }
  for (int64_t i = 0; i < channels; ++i) {
    memory[i] *= factor;
  }
  *out_scales = (pt2__qscales_t){.weight = memory, .bytes = bytes};
  if (bias != NULL && channels > 0) {
    out_scales->bias = memory + channels;
    spread(bias, channels, out_scales->bias);
  }
  return PT2_STATUS_OK;
}

void pt2__qscales_release(pt2__qscales_t* scales) {
  if (scales->weight != NULL) {
    pt2__pool_free(scales->weight, scales->bytes);
  }
}

void pt2__qscales_apply(float* values, int64_t rows, int64_t columns,
                        const float* scales, int64_t scale_count) {
  for (int64_t i = 0; i < rows; ++i) {
    float scale = scales[scale_count == 1 ? 0 : i];
    for (int64_t j = 0; j < columns; ++j) {
      values[i * columns + j] *= scale;
    }
  }
}
