// SPDX-License-Identifier: Apache-2.0
//
// aten::convolution is the cpu's, but for how its result lies in memory: models
// have the strides compiled in that PyTorch's mps gives it.
#include "backends/mps/mps.h"

// Whether PyTorch sees |view| as channels last: 4 or 5 dimensions, strides that
// grow from the channels over the rest to the batch.
static bool looks_channels_last(const pt2__mps_view_t* view) {
  if (view->rank != 4 && view->rank != 5) {
    return false;
  }
  int order[5];
  int count = 0;
  order[count++] = 1;
  for (int i = (int)view->rank - 1; i >= 2; --i) {
    order[count++] = i;
  }
  order[count++] = 0;
  int64_t least = 0;
  if (view->strides[1] == 0) {
    return false;
  }
  for (int i = 0; i < count; ++i) {
    int d = order[i];
    if (view->sizes[d] == 0 || view->strides[d] < least) {
      return false;
    }
    // N111 is both; PyTorch calls it contiguous.
    if (d == 0 && least == view->strides[1]) {
      return false;
    }
    least = view->strides[d];
    if (view->sizes[d] > 1) {
      least *= view->sizes[d];
    }
  }
  return true;
}

static void wanted_strides(const pt2__mps_view_t* result, bool channels_last,
                           int64_t strides[5]) {
  int64_t step = 1;
  int rank = (int)result->rank;
  if (channels_last) {
    strides[1] = 1;
    step = result->sizes[1];
  }
  for (int d = rank - 1; d >= 0; --d) {
    if (channels_last && d == 1) {
      continue;
    }
    strides[d] = step;
    step *= result->sizes[d];
  }
}

// Puts |*result|, which is given away if it is replaced, into the layout that
// PyTorch would have made it in.
static pt2_status_t lay_out(AtenTensorHandle input, AtenTensorHandle weight,
                            AtenTensorHandle* result) {
  pt2__mps_view_t x, w, y;
  if (!pt2__mps_view(input, &x) || !pt2__mps_view(weight, &w) ||
      !pt2__mps_view(*result, &y) || y.rank < 3 || y.rank > 5) {
    return PT2_STATUS_OK;
  }
  bool channels_last =
      y.rank > 3 && (looks_channels_last(&x) || looks_channels_last(&w));
  int64_t strides[5];
  wanted_strides(&y, channels_last, strides);
  bool same = true;
  for (int d = 0; d < (int)y.rank; ++d) {
    same = same && y.strides[d] == strides[d];
  }
  if (same) {
    return PT2_STATUS_OK;
  }
  AtenTensorHandle fresh = NULL;
  if (pt2__mps_host.empty_strided(y.rank, y.sizes, strides, y.dtype,
                                  PT2_DEVICE_MPS, 0, &fresh) != 0) {
    return PT2_STATUS_OUT_OF_MEMORY;
  }
  if (y.numel > 0 && pt2__mps_host.copy_(fresh, *result, 0) != 0) {
    pt2__mps_host.delete_tensor_object(fresh);
    return PT2_STATUS_INTERNAL;
  }
  pt2__mps_host.delete_tensor_object(*result);
  *result = fresh;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_mps_convolution(
    AtenTensorHandle input, AtenTensorHandle weight, AtenTensorHandle* bias,
    const int64_t* stride, int64_t stride_len_, const int64_t* padding,
    int64_t padding_len_, const int64_t* dilation, int64_t dilation_len_,
    int32_t transposed, const int64_t* output_padding,
    int64_t output_padding_len_, int64_t groups, AtenTensorHandle* ret0) {
  AtenTensorHandle result = NULL;
  if (pt2__mps_host.cpu_convolution(
          input, weight, bias, stride, stride_len_, padding, padding_len_,
          dilation, dilation_len_, transposed, output_padding,
          output_padding_len_, groups, ret0 != NULL ? &result : NULL) != 0) {
    return PT2__MPS_FAILED;
  }
  pt2_status_t status = lay_out(input, weight, &result);
  if (status != PT2_STATUS_OK) {
    pt2__mps_host.delete_tensor_object(result);
    PT2__MPS_RETURN(status);
  }
  *ret0 = result;
  return PT2__MPS_OK;
}
