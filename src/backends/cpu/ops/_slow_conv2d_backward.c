// SPDX-License-Identifier: Apache-2.0
//
// aten::_slow_conv2d_backward.output_mask, by name.
#include <string.h>

#include "backends/cpu/kernels/convolution/conv_gradient.h"
#include "ops/slow_conv2d.h"

static pt2_status_t read_mask(const pt2__boxed_t* boxed, bool* mask) {
  const bool* values;
  int64_t count;
  PT2_TRY(pt2__boxed_bools(boxed, 6, "output_mask", &values, &count));
  PT2_OP_CHECK(count == 3, "output_mask has %lld values, expected 3",
               (long long)count);
  memcpy(mask, values, 3 * sizeof(*mask));
  return PT2_STATUS_OK;
}

// torch computes channels last where one of both is so, into what has the
// weight's format.
static pt2_status_t check_weight(const pt2__slow_conv2d_t* call) {
  const pt2_tensor_t* weight = call->given;
  int64_t plain[4], last[4];
  if (!call->conv.channels_last || pt2__tensor_suggest_memory_format(weight) ==
                                       PT2_MEMORY_FORMAT_CHANNELS_LAST) {
    return PT2_STATUS_OK;
  }
  bool same = weight->rank == 4;
  if (same) {
    pt2__sizes_contiguous_strides(4, weight->sizes, plain);
    pt2__sizes_channels_last_strides(4, weight->sizes, last);
  }
  for (int d = 0; d < 4 && same; ++d) {
    same = weight->sizes[d] == 1 || plain[d] == last[d];
  }
  PT2_OP_CHECK(same,
               "slow_conv2d: grad_weight must be contiguous: self is channels "
               "last, weight is not");
  return PT2_STATUS_OK;
}

// A tensor of |sizes| in the memory format that the gradient has.
static pt2_status_t make(const pt2__slow_conv2d_t* call, int32_t rank,
                         const int64_t* sizes, bool channels_last,
                         pt2_tensor_t** out_tensor) {
  int64_t strides[4];
  if (channels_last && rank == 4) {
    pt2__sizes_channels_last_strides(4, sizes, strides);
  } else {
    pt2__sizes_contiguous_strides(rank, sizes, strides);
  }
  return pt2__tensor_empty(call->input->dtype, rank, sizes, strides,
                           out_tensor);
}

static pt2_status_t make_results(const pt2__slow_conv2d_t* call,
                                 const bool* mask, pt2_tensor_t** results) {
  const pt2_tensor_t* shapes[] = {call->input, call->given};
  const bool last[] = {call->conv.channels_last,
                       pt2__tensor_suggest_memory_format(call->given) ==
                           PT2_MEMORY_FORMAT_CHANNELS_LAST};
  for (int i = 0; i < 2; ++i) {
    PT2_TRY(mask[i] ? make(call, shapes[i]->rank, shapes[i]->sizes, last[i],
                           &results[i])
                    : pt2__tensor_undefined(&results[i]));
  }
  return mask[2] ? make(call, 1, &call->conv.channels_out, false, &results[2])
                 : pt2__tensor_undefined(&results[2]);
}

static void set_zero(pt2_tensor_t* tensor) {
  const size_t bytes =
      (size_t)tensor->numel * pt2_dtype_size_bytes(tensor->dtype);
  if (bytes > 0) {
    memset(tensor->data, 0, bytes);
  }
}

// |result| has the sizes of the weight as it came.
static pt2_status_t weight_gradient(const pt2__slow_conv2d_t* call,
                                    pt2_tensor_t* result) {
  pt2_tensor_t* view;
  int64_t strides[4];
  if (call->given->rank == 4 &&
      memcmp(call->given->sizes, call->weight->sizes, sizeof(strides)) == 0) {
    return pt2__conv_gradient_weight(&call->conv, call->gradient, call->input,
                                     result);
  }
  if (call->conv.channels_last) {
    pt2__sizes_channels_last_strides(4, call->weight->sizes, strides);
  } else {
    pt2__sizes_contiguous_strides(4, call->weight->sizes, strides);
  }
  PT2_TRY(pt2__tensor_view(result, 4, call->weight->sizes, strides, 0, &view));
  pt2_status_t status =
      pt2__conv_gradient_weight(&call->conv, call->gradient, call->input, view);
  pt2__tensor_release(view);
  return status;
}

static pt2_status_t compute(const pt2__slow_conv2d_t* call, const bool* mask,
                            pt2_tensor_t** results) {
  if (call->conv.empty) {
    for (int i = 0; i < 3; ++i) {
      if (mask[i]) {
        set_zero(results[i]);
      }
    }
    return PT2_STATUS_OK;
  }
  if (mask[0]) {
    PT2_TRY(pt2__conv_gradient_input(&call->conv, call->gradient, call->weight,
                                     results[0]));
  }
  if (mask[1]) {
    PT2_TRY(weight_gradient(call, results[1]));
  }
  return mask[2] ? pt2__conv_gradient_bias(call->gradient, results[2])
                 : PT2_STATUS_OK;
}

// (Tensor grad_output, Tensor self, Tensor weight, SymInt[2] kernel_size,
//  SymInt[2] stride, SymInt[2] padding, bool[3] output_mask)
static pt2_status_t run(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2__slow_conv2d_t call;
  bool mask[3];
  pt2_tensor_t* made[3] = {NULL};
  PT2_TRY(read_mask(boxed, mask));
  PT2_TRY(pt2__slow_conv2d_read(boxed, true, &call));
  pt2_status_t status = mask[1] ? check_weight(&call) : PT2_STATUS_OK;
  if (status == PT2_STATUS_OK) {
    status = make_results(&call, mask, made);
  }
  if (status == PT2_STATUS_OK) {
    status = compute(&call, mask, made);
  }
  for (int i = 0; i < 3; ++i) {
    if (status == PT2_STATUS_OK) {
      results[i] = made[i];
    } else {
      pt2__tensor_release(made[i]);
    }
  }
  pt2__tensor_release(call.weight);
  return status;
}

PT2_BOXED_OVERLOAD(_slow_conv2d_backward,
                   "aten::_slow_conv2d_backward.output_mask", 3, run)
