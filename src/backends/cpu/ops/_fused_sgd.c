// SPDX-License-Identifier: Apache-2.0
//
// aten::_fused_sgd and its overload with the learning rate in a tensor, by
// name. The forms that write to their arguments cannot be exported.
#include "backends/cpu/kernels/optimizer/optimizer.h"

// (Tensor[] self, Tensor[] grads, Tensor[] momentum_buffer_list, *, float
// weight_decay, float momentum, float or Tensor lr, float dampening, bool
// nesterov, bool maximize, bool is_first_step, Tensor? grad_scale=None, Tensor?
// found_inf=None)
static pt2_status_t step(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  static const char* const lists[3] = {"self", "grads", "momentum_buffer_list"};
  pt2__optimizer_t o = {.kind = PT2__OPTIMIZER_SGD};
  for (size_t i = 0; i < 3; ++i) {
    PT2_TRY(pt2__optimizer_read_list(boxed, i, lists[i], &o));
  }
  PT2_TRY(pt2__boxed_number(boxed, 3, "weight_decay", &o.weight_decay, NULL));
  PT2_TRY(pt2__boxed_number(boxed, 4, "momentum", &o.momentum, NULL));
  PT2_TRY(pt2__optimizer_read_lr(boxed, 5, &o));
  PT2_TRY(pt2__boxed_number(boxed, 6, "dampening", &o.dampening, NULL));
  PT2_TRY(pt2__boxed_bool(boxed, 7, "nesterov", &o.nesterov));
  PT2_TRY(pt2__boxed_bool(boxed, 8, "maximize", &o.maximize));
  PT2_TRY(pt2__boxed_bool(boxed, 9, "is_first_step", &o.is_first_step));
  PT2_TRY(pt2__optimizer_read_scale(boxed, 10, &o));
  o.lists[2].absent = o.momentum == 0;
  return pt2__optimizer_run(&o, boxed, results);
}

PT2_BOXED_OP(_fused_sgd, PT2__BOXED_LIST, step)
PT2_BOXED_OVERLOAD(_fused_sgd_tensor_lr, "aten::_fused_sgd.tensor_lr",
                   PT2__BOXED_LIST, step)
