// SPDX-License-Identifier: Apache-2.0
//
// aten::_scaled_dot_product_flash_attention_for_cpu_backward: the gradients of
// query, key and value. Wider than torch's own in what the forward operator is
// wider in.
#include <math.h>

#include "backends/cpu/kernels/sequence/attention.h"
#include "ops/attention.h"

static pt2__attention_operand_t operand(const pt2_tensor_t* tensor) {
  pt2__attention_operand_t result = {.data = tensor->data};
  for (int d = 0; d < 4; ++d) {
    result.strides[d] = tensor->strides[d];
  }
  return result;
}

typedef struct {
  const pt2_tensor_t *gradient, *q, *k, *v, *out, *logsumexp, *mask;
  bool causal;
  const double* scale;
} call_t;

// |out| has elements of a head side by side.
static pt2_status_t run(const call_t* call, const pt2_tensor_t* out,
                        pt2_tensor_t** results) {
  const pt2_tensor_t* q = call->q;
  pt2__attention_gradient_t g = {
      .forward = {.dtype = q->dtype,
                  .mask_dtype = PT2_DTYPE_UNDEFINED,
                  .causal = call->causal,
                  .batch = q->sizes[0],
                  .heads = q->sizes[1],
                  .group = pt2__attention_group(q, call->k),
                  .query_length = q->sizes[2],
                  .key_length = call->k->sizes[2],
                  .head_size = q->sizes[3],
                  .scale = call->scale != NULL
                               ? *call->scale
                               : 1.0 / sqrt((double)q->sizes[3]),
                  .q = operand(q),
                  .k = operand(call->k),
                  .v = operand(call->v),
                  .out = out->data,
                  .logsumexp = call->logsumexp->data},
      .gradient = operand(call->gradient)};
  if (call->mask != NULL && call->mask->numel > 0) {
    g.forward.mask_dtype = call->mask->dtype;
    g.forward.mask.data = call->mask->data;
    pt2__attention_mask_strides(call->mask, g.forward.mask.strides);
  }
  for (int d = 0; d < 3; ++d) {
    g.forward.out_strides[d] = out->strides[d];
    g.forward.logsumexp_strides[d] = call->logsumexp->strides[d];
  }
  for (int i = 0; i < 3; ++i) {
    g.results[i] = results[i]->data;
    for (int d = 0; d < 3; ++d) {
      g.result_strides[i][d] = results[i]->strides[d];
    }
  }
  return pt2__attention_gradient_run(&g);
}

static pt2_status_t compute(const call_t* call, pt2_tensor_t** results) {
  if (call->out->strides[3] == 1 || call->out->sizes[3] <= 1) {
    return run(call, call->out, results);
  }
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_contiguous(call->out, &dense));
  pt2_status_t status = run(call, dense, results);
  pt2__tensor_release(dense);
  return status;
}

static pt2_status_t make_results(const call_t* call, pt2_tensor_t** results) {
  const pt2_tensor_t* likes[3] = {call->q, call->k, call->v};
  for (int i = 0; i < 3; ++i) {
    // torch: nothing comes of no gradient.
    PT2_TRY(call->gradient->storage == NULL
                ? pt2__tensor_undefined(&results[i])
                : pt2__attention_gradient_result(likes[i], &results[i]));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t backward(const call_t* call, double dropout_p,
                             AtenTensorHandle* returned[3]) {
  PT2_OP_CHECK(call->gradient != NULL, "grad_out is a NULL handle");
  bool defined = pt2__tensor_is_defined(call->gradient);
  if (defined) {
    PT2_TRY(pt2__attention_check_gradient(call->gradient, call->q, call->k,
                                          call->v, call->out, call->logsumexp,
                                          call->mask, dropout_p));
  }
  pt2_tensor_t* results[3] = {NULL, NULL, NULL};
  pt2_status_t status = make_results(call, results);
  if (status == PT2_STATUS_OK && defined) {
    status = compute(call, results);
  }
  for (int i = 0; i < 3; ++i) {
    // A model passes NULL for what it does not use.
    if (status == PT2_STATUS_OK && returned[i] != NULL) {
      *returned[i] = results[i];
    } else {
      pt2__tensor_release(results[i]);
    }
  }
  return status;
}

AOTITorchError
aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu_backward(
    AtenTensorHandle grad_out, AtenTensorHandle query, AtenTensorHandle key,
    AtenTensorHandle value, AtenTensorHandle out, AtenTensorHandle logsumexp,
    double dropout_p, int32_t is_causal, AtenTensorHandle* attn_mask,
    double* scale, AtenTensorHandle* ret0, AtenTensorHandle* ret1,
    AtenTensorHandle* ret2) {
  const call_t call = {.gradient = grad_out,
                       .q = query,
                       .k = key,
                       .v = value,
                       .out = out,
                       .logsumexp = logsumexp,
                       .mask = attn_mask != NULL ? *attn_mask : NULL,
                       .causal = is_causal != 0,
                       .scale = scale};
  AtenTensorHandle* returned[3] = {ret0, ret1, ret2};
  PT2_OP_RETURN("aten::_scaled_dot_product_flash_attention_for_cpu_backward",
                backward(&call, dropout_p, returned));
}
