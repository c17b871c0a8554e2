// SPDX-License-Identifier: Apache-2.0
#include "ops/attention.h"

static pt2_status_t check_operand(const pt2_tensor_t* q,
                                  const pt2_tensor_t* tensor,
                                  const char* name) {
  PT2_OP_CHECK_TENSOR(tensor, name);
  PT2_OP_CHECK(tensor->rank == 4, "%s has %d dimensions, expected 4", name,
               (int)tensor->rank);
  PT2_OP_CHECK(tensor->dtype == q->dtype, "%s is %s, query is %s", name,
               pt2__dtype_torch_name(tensor->dtype),
               pt2__dtype_torch_name(q->dtype));
  PT2_OP_CHECK(tensor->sizes[3] == q->sizes[3],
               "Q/K/V should have the same head size, but %s has %lld and "
               "query %lld",
               name, (long long)tensor->sizes[3], (long long)q->sizes[3]);
  for (int d = 0; d < 2; ++d) {
    PT2_OP_CHECK(tensor->sizes[d] == q->sizes[d],
                 "%s dim %d: expected %lld as query has, got %lld", name, d,
                 (long long)q->sizes[d], (long long)tensor->sizes[d]);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_mask(const pt2_tensor_t* mask, int32_t dtype,
                               const int64_t* sizes) {
  PT2_OP_CHECK_TENSOR(mask, "attn_mask");
  PT2_OP_CHECK(mask->rank == 2 || mask->rank == 4,
               "attn_mask has %d dimensions, expected 2 or 4", (int)mask->rank);
  PT2_OP_CHECK(mask->dtype == dtype || mask->dtype == PT2_DTYPE_BOOL ||
                   mask->dtype == PT2_DTYPE_F32,
               "attn_mask is %s, expected %s",
               pt2__dtype_torch_name(mask->dtype),
               pt2__dtype_torch_name(dtype));
  for (int32_t d = 0; d < mask->rank; ++d) {
    int64_t wanted = sizes[4 - mask->rank + d];
    PT2_OP_CHECK(mask->sizes[d] == wanted || mask->sizes[d] == 1,
                 "attn_mask dim %d: expected %lld or 1, got %lld", (int)d,
                 (long long)wanted, (long long)mask->sizes[d]);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__attention_check(const pt2_tensor_t* q, const pt2_tensor_t* k,
                                  const pt2_tensor_t* v,
                                  const pt2_tensor_t* mask, double dropout_p) {
  PT2_OP_CHECK_TENSOR(q, "query");
  PT2_OP_CHECK(q->dtype == PT2_DTYPE_F32 || q->dtype == PT2_DTYPE_F64 ||
                   q->dtype == PT2_DTYPE_BF16 || q->dtype == PT2_DTYPE_F16,
               "Expected data type in FP32, FP64, BF16, FP16, but got %s",
               pt2__dtype_torch_name(q->dtype));
  PT2_OP_CHECK(q->rank == 4, "query has %d dimensions, expected 4",
               (int)q->rank);
  PT2_TRY(check_operand(q, k, "key"));
  PT2_TRY(check_operand(q, v, "value"));
  PT2_OP_CHECK(k->sizes[2] == v->sizes[2],
               "value dim 2: expected %lld as key has, got %lld",
               (long long)k->sizes[2], (long long)v->sizes[2]);
  PT2_OP_CHECK(dropout_p == 0.0, "dropout of %g is not supported", dropout_p);
  if (mask != NULL) {
    const int64_t sizes[4] = {q->sizes[0], q->sizes[1], q->sizes[2],
                              k->sizes[2]};
    PT2_TRY(check_mask(mask, q->dtype, sizes));
  }
  return PT2_STATUS_OK;
}

void pt2__attention_mask_strides(const pt2_tensor_t* mask,
                                 int64_t* out_strides) {
  for (int d = 0; d < 4; ++d) {
    int32_t at = d - 4 + mask->rank;
    bool broadcast = at < 0 || mask->sizes[at] == 1;
    out_strides[d] = broadcast ? 0 : mask->strides[at];
  }
}

pt2_status_t pt2__attention_results(const pt2_tensor_t* q,
                                    pt2_tensor_t** out_output,
                                    pt2_tensor_t** out_logsumexp) {
  int64_t heads = q->sizes[1] > 0 ? q->sizes[1] : 1;
  int64_t length = q->sizes[2] > 0 ? q->sizes[2] : 1;
  const int64_t strides[3] = {heads * length, 1, heads};
  pt2_tensor_t *output, *logsumexp;
  PT2_TRY(pt2__tensor_empty_like(q, q->dtype, &output));
  pt2_status_t status = pt2__tensor_empty(
      q->dtype == PT2_DTYPE_F64 ? PT2_DTYPE_F64 : PT2_DTYPE_F32, 3, q->sizes,
      strides, &logsumexp);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(output);
    return status;
  }
  *out_output = output;
  *out_logsumexp = logsumexp;
  return PT2_STATUS_OK;
}
