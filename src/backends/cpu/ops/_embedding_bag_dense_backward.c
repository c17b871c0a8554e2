// SPDX-License-Identifier: Apache-2.0
//
// aten::_embedding_bag_dense_backward.
#include "backends/cpu/kernels/index/embedding_gradient.h"

AOTITorchError aoti_torch_cpu__embedding_bag_dense_backward(
    AtenTensorHandle grad, AtenTensorHandle indices,
    AtenTensorHandle offset2bag, AtenTensorHandle bag_size,
    AtenTensorHandle maximum_indices, int64_t num_weights,
    int32_t scale_grad_by_freq, int64_t mode,
    AtenTensorHandle* per_sample_weights, int64_t padding_idx,
    AtenTensorHandle* ret0) {
  const pt2__bag_gradient_t g = {
      .gradient = grad,
      .indices = indices,
      .bags = offset2bag,
      .bag_sizes = bag_size,
      .max_indices = maximum_indices,
      .rows = num_weights,
      .by_frequency = scale_grad_by_freq != 0,
      .mode = mode,
      .factors = per_sample_weights != NULL ? *per_sample_weights : NULL,
      .padding = padding_idx};
  PT2_OP_RETURN("aten::_embedding_bag_dense_backward",
                pt2__bag_gradient(&g, ret0));
}
