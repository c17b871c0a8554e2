// SPDX-License-Identifier: Apache-2.0
//
// One step of an optimizer over lists of parameters, into new tensors.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_OPTIMIZER_OPTIMIZER_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_OPTIMIZER_OPTIMIZER_H_

#include "ops/boxed.h"

typedef enum {
  PT2__OPTIMIZER_ADAM,
  PT2__OPTIMIZER_ADAMW,
  PT2__OPTIMIZER_SGD,
  PT2__OPTIMIZER_ADAGRAD,
} pt2__optimizer_kind_t;

// Parameters, their gradients, and up to three lists of states.
#define PT2__OPTIMIZER_LISTS 5

typedef struct {
  const char* name;
  pt2_tensor_t* const* tensors;
  int64_t count;
  bool absent;  // must have no tensors
} pt2__optimizer_list_t;

typedef struct {
  pt2__optimizer_kind_t kind;
  int list_count;
  pt2__optimizer_list_t lists[PT2__OPTIMIZER_LISTS];
  pt2__optimizer_list_t steps;  // how often each parameter was changed
  bool has_steps, returns_steps;
  double lr, lr_decay, weight_decay, eps;
  double beta1, beta2;         // of Adam
  double momentum, dampening;  // of SGD
  bool amsgrad, nesterov, maximize, is_first_step;
  double grad_scale;  // with has_grad_scale: gradients are divided by it
  bool has_grad_scale;
  bool found_inf;  // nothing changes
} pt2__optimizer_t;

// Read arguments as the functions of ops/boxed.h do; lists in the order of the
// results.
PT2_MUST_USE pt2_status_t pt2__optimizer_read_list(const pt2__boxed_t* boxed,
                                                   size_t at, const char* name,
                                                   pt2__optimizer_t* optimizer);
PT2_MUST_USE pt2_status_t pt2__optimizer_read_steps(
    const pt2__boxed_t* boxed, size_t at, pt2__optimizer_t* optimizer);
// A number or a tensor.
PT2_MUST_USE pt2_status_t pt2__optimizer_read_lr(const pt2__boxed_t* boxed,
                                                 size_t at,
                                                 pt2__optimizer_t* optimizer);
// grad_scale and found_inf, which come last.
PT2_MUST_USE pt2_status_t pt2__optimizer_read_scale(
    const pt2__boxed_t* boxed, size_t at, pt2__optimizer_t* optimizer);

// Checks the lists and makes the results: the lists as they are after the step.
//
// Errors: INVALID_ARGUMENT, OUT_OF_MEMORY; all results are then NULL.
PT2_MUST_USE pt2_status_t pt2__optimizer_run(const pt2__optimizer_t* optimizer,
                                             const pt2__boxed_t* boxed,
                                             pt2_tensor_t** results);

// Reads the arguments of Adam or AdamW and runs it:
// (Tensor[] self, Tensor[] grads, Tensor[] exp_avgs, Tensor[] exp_avg_sqs,
// Tensor[] max_exp_avg_sqs, Tensor[] state_steps, *, float or Tensor lr, float
// beta1, float beta2, float weight_decay, float eps, bool amsgrad, bool
// maximize, Tensor? grad_scale=None, Tensor? found_inf=None)
//
// Errors: as pt2__optimizer_run.
PT2_MUST_USE pt2_status_t pt2__optimizer_run_adam(const pt2__boxed_t* boxed,
                                                  pt2__optimizer_kind_t kind,
                                                  pt2_tensor_t** results);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_OPTIMIZER_OPTIMIZER_H_
