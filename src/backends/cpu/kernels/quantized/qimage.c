// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/quantized/qimage.h"

int64_t pt2__qimage_rows(const pt2__conv_t* conv) {
  return conv->batch * conv->output[0] * conv->output[1] * conv->output[2];
}

void pt2__qimage_locate(const pt2__conv_t* conv, int64_t row, int64_t* at) {
  for (int i = 2; i >= 0; --i) {
    at[1 + i] = row % conv->output[i];
    row /= conv->output[i];
  }
  at[0] = row;
}

const uint8_t* pt2__qimage_line(const pt2__qimage_t* image, const int64_t* at,
                                int64_t i) {
  const pt2__conv_t* conv = image->conv;
  const int64_t tap[2] = {i / conv->kernel[1], i % conv->kernel[1]};
  int64_t line = at[0];
  for (int j = 0; j < 2; ++j) {
    int64_t y = at[1 + j] * conv->stride[j] - conv->padding[j] +
                tap[j] * conv->dilation[j];
    if (y < 0 || y >= conv->input[j]) {
      return image->padding;
    }
    line = line * conv->input[j] + y;
  }
  return image->data + line * conv->input[2] * conv->channels_in;
}
