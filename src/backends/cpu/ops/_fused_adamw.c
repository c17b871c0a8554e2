// SPDX-License-Identifier: Apache-2.0
//
// aten::_fused_adamw and its overload with the learning rate in a tensor, by
// name. The forms that write to their arguments cannot be exported.
#include "backends/cpu/kernels/optimizer.h"

// (Tensor[] self, Tensor[] grads, Tensor[] exp_avgs, Tensor[] exp_avg_sqs,
// Tensor[] max_exp_avg_sqs, Tensor[] state_steps, *, float or Tensor lr, float
// beta1, float beta2, float weight_decay, float eps, bool amsgrad, bool
// maximize, Tensor? grad_scale=None, Tensor? found_inf=None)
static pt2_status_t step(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  static const char* const lists[5] = {"self", "grads", "exp_avgs",
                                       "exp_avg_sqs", "max_exp_avg_sqs"};
  pt2__optimizer_t o = {.kind = PT2__OPTIMIZER_ADAMW};
  for (size_t i = 0; i < 5; ++i) {
    PT2_TRY(pt2__optimizer_read_list(boxed, i, lists[i], &o));
  }
  PT2_TRY(pt2__optimizer_read_steps(boxed, 5, &o));
  PT2_TRY(pt2__optimizer_read_lr(boxed, 6, &o));
  PT2_TRY(pt2__boxed_number(boxed, 7, "beta1", &o.beta1, NULL));
  PT2_TRY(pt2__boxed_number(boxed, 8, "beta2", &o.beta2, NULL));
  PT2_TRY(pt2__boxed_number(boxed, 9, "weight_decay", &o.weight_decay, NULL));
  PT2_TRY(pt2__boxed_number(boxed, 10, "eps", &o.eps, NULL));
  PT2_TRY(pt2__boxed_bool(boxed, 11, "amsgrad", &o.amsgrad));
  PT2_TRY(pt2__boxed_bool(boxed, 12, "maximize", &o.maximize));
  PT2_TRY(pt2__optimizer_read_scale(boxed, 13, &o));
  o.lists[4].absent = !o.amsgrad;
  return pt2__optimizer_run(&o, boxed, results);
}

PT2_BOXED_OP(_fused_adamw, PT2__BOXED_LIST, step)
PT2_BOXED_OVERLOAD(_fused_adamw_tensor_lr, "aten::_fused_adamw.tensor_lr",
                   PT2__BOXED_LIST, step)
