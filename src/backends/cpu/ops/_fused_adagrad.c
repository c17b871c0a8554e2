// SPDX-License-Identifier: Apache-2.0
//
// aten::_fused_adagrad and its overload with the learning rate in a tensor,
// which does not return the steps, by name. The forms that write to their
// arguments cannot be exported.
#include "backends/cpu/kernels/optimizer/optimizer.h"

// (Tensor[] self, Tensor[] grads, Tensor[] state_sums, Tensor[] state_steps, *,
// float or Tensor lr, float lr_decay, float weight_decay, float eps, bool
// maximize, Tensor? grad_scale=None, Tensor? found_inf=None)
static pt2_status_t step(const pt2__boxed_t* boxed, bool returns_steps,
                         pt2_tensor_t** results) {
  static const char* const lists[3] = {"self", "grads", "state_sums"};
  pt2__optimizer_t o = {.kind = PT2__OPTIMIZER_ADAGRAD,
                        .returns_steps = returns_steps};
  for (size_t i = 0; i < 3; ++i) {
    PT2_TRY(pt2__optimizer_read_list(boxed, i, lists[i], &o));
  }
  PT2_TRY(pt2__optimizer_read_steps(boxed, 3, &o));
  PT2_TRY(pt2__optimizer_read_lr(boxed, 4, &o));
  PT2_TRY(pt2__boxed_number(boxed, 5, "lr_decay", &o.lr_decay, NULL));
  PT2_TRY(pt2__boxed_number(boxed, 6, "weight_decay", &o.weight_decay, NULL));
  PT2_TRY(pt2__boxed_number(boxed, 7, "eps", &o.eps, NULL));
  PT2_TRY(pt2__boxed_bool(boxed, 8, "maximize", &o.maximize));
  PT2_TRY(pt2__optimizer_read_scale(boxed, 9, &o));
  return pt2__optimizer_run(&o, boxed, results);
}

static pt2_status_t by_number(const pt2__boxed_t* boxed,
                              pt2_tensor_t** results) {
  return step(boxed, true, results);
}

static pt2_status_t by_tensor(const pt2__boxed_t* boxed,
                              pt2_tensor_t** results) {
  return step(boxed, false, results);
}

PT2_BOXED_OP(_fused_adagrad, PT2__BOXED_LIST, by_number)
PT2_BOXED_OVERLOAD(_fused_adagrad_tensor_lr, "aten::_fused_adagrad.tensor_lr",
                   PT2__BOXED_LIST, by_tensor)
