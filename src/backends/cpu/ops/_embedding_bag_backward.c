// SPDX-License-Identifier: Apache-2.0
//
// aten::_embedding_bag_backward. PyTorch has no C function for it: a model
// calls it by name through the proxy executor.
#include "backends/cpu/kernels/index/embedding_gradient.h"
#include "ops/boxed.h"

// torch finds the bags anew where the forward operator left them out.
static pt2_status_t run(pt2__bag_gradient_t* g, const pt2_tensor_t* offsets,
                        pt2_tensor_t** out_table) {
  PT2_TRY(pt2__embedding_check_indices(g->indices, "indices"));
  PT2_TRY(pt2__embedding_check_indices(offsets, "offsets"));
  if (g->indices->numel == 0 || g->bags->numel != 0) {
    return pt2__bag_gradient(g, out_table);
  }
  pt2_tensor_t* bags;
  PT2_TRY(pt2__embedding_find_bags(offsets, g->indices->numel, &bags));
  g->bags = bags;
  pt2_status_t status = pt2__bag_gradient(g, out_table);
  pt2__tensor_release(bags);
  return status;
}

// (Tensor grad, Tensor indices, Tensor offsets, Tensor offset2bag,
//  Tensor bag_size, Tensor maximum_indices, SymInt num_weights,
//  bool scale_grad_by_freq, int mode, bool sparse, Tensor? per_sample_weights,
//  int padding_idx=-1)
static pt2_status_t backward(const pt2__boxed_t* boxed,
                             pt2_tensor_t** out_result) {
  pt2_tensor_t *grad, *indices, *offsets, *bags, *bag_sizes, *max_indices;
  pt2_tensor_t* factors;
  bool sparse = false;
  pt2__bag_gradient_t g = {.padding = -1};
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "grad", &grad));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "indices", &indices));
  PT2_TRY(pt2__boxed_tensor(boxed, 2, "offsets", &offsets));
  PT2_TRY(pt2__boxed_tensor(boxed, 3, "offset2bag", &bags));
  PT2_TRY(pt2__boxed_tensor(boxed, 4, "bag_size", &bag_sizes));
  PT2_TRY(pt2__boxed_tensor(boxed, 5, "maximum_indices", &max_indices));
  PT2_TRY(pt2__boxed_int(boxed, 6, "num_weights", &g.rows));
  PT2_TRY(pt2__boxed_bool(boxed, 7, "scale_grad_by_freq", &g.by_frequency));
  PT2_TRY(pt2__boxed_int(boxed, 8, "mode", &g.mode));
  PT2_TRY(pt2__boxed_bool(boxed, 9, "sparse", &sparse));
  PT2_TRY(
      pt2__boxed_optional_tensor(boxed, 10, "per_sample_weights", &factors));
  PT2_TRY(pt2__boxed_optional_int(boxed, 11, "padding_idx", &g.padding, NULL));
  if (sparse) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "sparse gradients are not supported");
  }
  g.gradient = grad;
  g.indices = indices;
  g.bags = bags;
  g.bag_sizes = bag_sizes;
  g.max_indices = max_indices;
  g.factors = factors;
  return run(&g, offsets, out_result);
}

PT2_BOXED_OP(_embedding_bag_backward, 1, backward)
