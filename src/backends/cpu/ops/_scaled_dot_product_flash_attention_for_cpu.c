// SPDX-License-Identifier: Apache-2.0
//
// aten::_scaled_dot_product_flash_attention_for_cpu.
//
// Wider than torch's own: a mask of bools is taken (False: not seen), and
// tensors without elements, which torch divides by zero over, give empty or
// zero results.
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

static pt2_status_t compute(const pt2_tensor_t* q, const pt2_tensor_t* k,
                            const pt2_tensor_t* v, const pt2_tensor_t* mask,
                            bool causal, const double* scale,
                            pt2_tensor_t* output, pt2_tensor_t* logsumexp) {
  pt2__attention_t attention = {
      .dtype = q->dtype,
      .mask_dtype = PT2_DTYPE_UNDEFINED,
      .causal = causal,
      .batch = q->sizes[0],
      .heads = q->sizes[1],
      .group = pt2__attention_group(q, k),
      .query_length = q->sizes[2],
      .key_length = k->sizes[2],
      .head_size = q->sizes[3],
      .scale = scale != NULL ? *scale : 1.0 / sqrt((double)q->sizes[3]),
      .q = operand(q),
      .k = operand(k),
      .v = operand(v),
      .out = output->data,
      .logsumexp = logsumexp->data,
  };
  if (mask != NULL && mask->numel > 0) {
    attention.mask_dtype = mask->dtype;
    attention.mask.data = mask->data;
    pt2__attention_mask_strides(mask, attention.mask.strides);
  }
  for (int d = 0; d < 3; ++d) {
    attention.out_strides[d] = output->strides[d];
    attention.logsumexp_strides[d] = logsumexp->strides[d];
  }
  if (output->strides[3] == 1 || output->sizes[3] <= 1) {
    return pt2__attention_run(&attention);
  }
  // The kernel writes whole heads: what is laid out otherwise is copied.
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_empty(output->dtype, 4, output->sizes, NULL, &dense));
  attention.out = dense->data;
  for (int d = 0; d < 3; ++d) {
    attention.out_strides[d] = dense->strides[d];
  }
  pt2_status_t status = pt2__attention_run(&attention);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(output, dense);
  }
  pt2__tensor_release(dense);
  return status;
}

static pt2_status_t attention(const pt2_tensor_t* q, const pt2_tensor_t* k,
                              const pt2_tensor_t* v, double dropout_p,
                              bool causal, const pt2_tensor_t* mask,
                              const double* scale, AtenTensorHandle* ret0,
                              AtenTensorHandle* ret1) {
  PT2_TRY(pt2__attention_check(q, k, v, mask, dropout_p));
  pt2_tensor_t *output, *logsumexp;
  PT2_TRY(pt2__attention_results(q, &output, &logsumexp));
  pt2_status_t status =
      compute(q, k, v, mask, causal, scale, output, logsumexp);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(output);
    pt2__tensor_release(logsumexp);
    return status;
  }
  // A model passes NULL for what it does not use.
  if (ret0 != NULL) {
    *ret0 = output;
  } else {
    pt2__tensor_release(output);
  }
  if (ret1 != NULL) {
    *ret1 = logsumexp;
  } else {
    pt2__tensor_release(logsumexp);
  }
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu(
    AtenTensorHandle query, AtenTensorHandle key, AtenTensorHandle value,
    double dropout_p, int32_t is_causal, AtenTensorHandle* attn_mask,
    double* scale, AtenTensorHandle* ret0, AtenTensorHandle* ret1) {
  PT2_OP_RETURN(
      "aten::_scaled_dot_product_flash_attention_for_cpu",
      attention(query, key, value, dropout_p, is_causal != 0,
                attn_mask != NULL ? *attn_mask : NULL, scale, ret0, ret1));
}
