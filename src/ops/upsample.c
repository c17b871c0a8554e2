// SPDX-License-Identifier: Apache-2.0
#include "ops/upsample.h"

#include <math.h>

#include "ops/op.h"

pt2_status_t pt2__upsample_resolve(const pt2_tensor_t* input,
                                   const int64_t* output_size, size_t count,
                                   bool align_corners, const double* scales,
                                   pt2__upsample_t* out_upsample) {
  PT2_OP_CHECK_TENSOR(input, "input");
  PT2_OP_CHECK(count == 2,
               "It is expected output_size equals to 2, but got size %zu",
               count);
  PT2_OP_CHECK(input->rank == 4,
               "It is expected input_size equals to 4, but got size %d",
               input->rank);
  const int64_t* sizes = input->sizes;
  PT2_OP_CHECK(
      sizes[2] > 0 && sizes[3] > 0 && output_size[0] > 0 && output_size[1] > 0,
      "Input and output sizes should be greater than 0, but got "
      "input (H: %lld, W: %lld) output (H: %lld, W: %lld)",
      (long long)sizes[2], (long long)sizes[3], (long long)output_size[0],
      (long long)output_size[1]);
  char text[256];
  PT2_OP_CHECK(sizes[1] > 0,
               "Non-empty 4D data tensor expected but got a tensor with sizes "
               "%s",
               pt2__sizes_format(4, sizes, text, sizeof(text)));
  pt2__upsample_t made = {.align_corners = align_corners,
                          .batch = sizes[0],
                          .channels = sizes[1],
                          .out_sizes = {sizes[0], sizes[1]}};
  for (int d = 0; d < 2; ++d) {
    made.input[d] = sizes[2 + d];
    made.output[d] = made.out_sizes[2 + d] = output_size[d];
    made.scale[d] = scales[d] > 0 ? 1 / scales[d] : 0;
  }
  made.channels_last =
      pt2__tensor_suggest_memory_format(input) != PT2_MEMORY_FORMAT_CONTIGUOUS;
  if (made.channels_last) {
    pt2__sizes_channels_last_strides(4, made.out_sizes, made.out_strides);
  } else {
    pt2__sizes_contiguous_strides(4, made.out_sizes, made.out_strides);
  }
  *out_upsample = made;
  return PT2_STATUS_OK;
}

static double source_in_double(const pt2__upsample_t* upsample, int d,
                               int64_t at) {
  double in = (double)upsample->input[d], out = (double)upsample->output[d];
  if (upsample->align_corners) {
    return out > 1 ? (in - 1) / (out - 1) * (double)at : 0;
  }
  double scale = upsample->scale[d] > 0 ? upsample->scale[d] : in / out;
  return fmax(scale * ((double)at + 0.5) - 0.5, 0);
}

// The same rounded as PyTorch rounds for float.
static double source_in_float(const pt2__upsample_t* upsample, int d,
                              int64_t at) {
  float in = (float)upsample->input[d], out = (float)upsample->output[d];
  if (upsample->align_corners) {
    return out > 1 ? (in - 1) / (out - 1) * (float)at : 0;
  }
  float scale = upsample->scale[d] > 0 ? (float)upsample->scale[d] : in / out;
  return fmaxf(scale * ((float)at + 0.5f) - 0.5f, 0);
}

void pt2__upsample_place(const pt2__upsample_t* upsample, int d, int64_t at,
                         bool in_double, int64_t* out_first,
                         int64_t* out_second, double* out_share) {
  double source = in_double ? source_in_double(upsample, d, at)
                            : source_in_float(upsample, d, at);
  int64_t last = upsample->input[d] - 1;
  int64_t first = source < (double)last ? (int64_t)source : last;
  *out_first = first;
  *out_second = first < last ? first + 1 : last;
  double share = source - (double)first;
  *out_share = share > 1 ? 1 : share;
}
