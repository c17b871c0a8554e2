// SPDX-License-Identifier: Apache-2.0
//
// aten::embedding_dense_backward. PyTorch has no C function for it: a model
// calls it by name through the proxy executor.
#include "backends/cpu/kernels/index/embedding_gradient.h"
#include "ops/boxed.h"

// (Tensor grad_output, Tensor indices, SymInt num_weights, SymInt padding_idx,
//  bool scale_grad_by_freq)
static pt2_status_t backward(const pt2__boxed_t* boxed,
                             pt2_tensor_t** out_result) {
  pt2_tensor_t *grad, *indices;
  int64_t rows, padding;
  bool by_frequency = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "grad_output", &grad));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "indices", &indices));
  PT2_TRY(pt2__boxed_int(boxed, 2, "num_weights", &rows));
  PT2_TRY(pt2__boxed_int(boxed, 3, "padding_idx", &padding));
  PT2_TRY(pt2__boxed_bool(boxed, 4, "scale_grad_by_freq", &by_frequency));
  return pt2__embedding_gradient(grad, indices, rows, padding, by_frequency,
                                 out_result);
}

PT2_BOXED_OP(embedding_dense_backward, 1, backward)
