// SPDX-License-Identifier: Apache-2.0
//
// Scaled dot product attention on any device: checks of its arguments and its
// results' sizes and strides.
#ifndef PT2_SRC_OPS_ATTENTION_H_
#define PT2_SRC_OPS_ATTENTION_H_

#include "ops/op.h"

// Fails unless q [B, H, L, E], k and v [B, G, S, E] and |mask| (NULL: none;
// 2 or 4 dimensions that broadcast to [B, H, L, S]) fit together. H is a
// multiple of G: each head of k and v stands for that many of q.
PT2_MUST_USE pt2_status_t pt2__attention_check(const pt2_tensor_t* q,
                                               const pt2_tensor_t* k,
                                               const pt2_tensor_t* v,
                                               const pt2_tensor_t* mask,
                                               double dropout_p);

// H / G, or 1 where there are no heads.
int64_t pt2__attention_group(const pt2_tensor_t* q, const pt2_tensor_t* k);

// The same for the gradients: |gradient| and |out| have q's sizes, |logsumexp|
// is [B, H, L].
PT2_MUST_USE pt2_status_t pt2__attention_check_gradient(
    const pt2_tensor_t* gradient, const pt2_tensor_t* q, const pt2_tensor_t* k,
    const pt2_tensor_t* v, const pt2_tensor_t* out,
    const pt2_tensor_t* logsumexp, const pt2_tensor_t* mask, double dropout_p);

// The mask's strides as [B, H, L, S], 0 where it is broadcast.
void pt2__attention_mask_strides(const pt2_tensor_t* mask,
                                 int64_t* out_strides);

// New results: the output laid out like |q|, and the logarithm of the sums,
// [B, H, L] over memory in the order [B, L, H].
PT2_MUST_USE pt2_status_t pt2__attention_results(const pt2_tensor_t* q,
                                                 pt2_tensor_t** out_output,
                                                 pt2_tensor_t** out_logsumexp);

// A new gradient of |like|, [B, H, L, E] over memory in the order
// [B, L, H, E], filled with zeros.
PT2_MUST_USE pt2_status_t pt2__attention_gradient_result(
    const pt2_tensor_t* like, pt2_tensor_t** out_tensor);

#endif  // PT2_SRC_OPS_ATTENTION_H_
