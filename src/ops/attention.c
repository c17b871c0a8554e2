// SPDX-License-Identifier: Apache-2.0
#include "ops/attention.h"

#include <string.h>

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
  PT2_OP_CHECK(tensor->sizes[0] == q->sizes[0],
               "%s dim 0: expected %lld as query has, got %lld", name,
               (long long)q->sizes[0], (long long)tensor->sizes[0]);
  int64_t heads = tensor->sizes[1];
  PT2_OP_CHECK(heads == q->sizes[1] || (heads > 0 && q->sizes[1] % heads == 0),
               "%s dim 1: expected a divisor of query's %lld heads, got %lld",
               name, (long long)q->sizes[1], (long long)heads);
  return PT2_STATUS_OK;
}

int64_t pt2__attention_group(const pt2_tensor_t* q, const pt2_tensor_t* k) {
  int64_t group = k->sizes[1] > 0 ? q->sizes[1] / k->sizes[1] : 1;
  return group > 0 ? group : 1;
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
  // torch takes a mask without elements for none.
  for (int32_t d = 0; mask->numel > 0 && d < mask->rank; ++d) {
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
  for (int d = 1; d < 3; ++d) {
    PT2_OP_CHECK(k->sizes[d] == v->sizes[d],
                 "value dim %d: expected %lld as key has, got %lld", d,
                 (long long)k->sizes[d], (long long)v->sizes[d]);
  }
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

static pt2_status_t check_like_query(const pt2_tensor_t* q,
                                     const pt2_tensor_t* tensor,
                                     const char* name) {
  PT2_TRY(check_operand(q, tensor, name));
  for (int d = 1; d < 3; ++d) {
    PT2_OP_CHECK(tensor->sizes[d] == q->sizes[d],
                 "%s dim %d: expected %lld as query has, got %lld", name, d,
                 (long long)q->sizes[d], (long long)tensor->sizes[d]);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__attention_check_gradient(
    const pt2_tensor_t* gradient, const pt2_tensor_t* q, const pt2_tensor_t* k,
    const pt2_tensor_t* v, const pt2_tensor_t* out,
    const pt2_tensor_t* logsumexp, const pt2_tensor_t* mask, double dropout_p) {
  PT2_TRY(pt2__attention_check(q, k, v, mask, dropout_p));
  PT2_TRY(check_like_query(q, gradient, "grad_out"));
  PT2_TRY(check_like_query(q, out, "out"));
  PT2_OP_CHECK_TENSOR(logsumexp, "logsumexp");
  int32_t dtype = q->dtype == PT2_DTYPE_F64 ? PT2_DTYPE_F64 : PT2_DTYPE_F32;
  PT2_OP_CHECK(logsumexp->dtype == dtype, "logsumexp is %s, expected %s",
               pt2__dtype_torch_name(logsumexp->dtype),
               pt2__dtype_torch_name(dtype));
  PT2_OP_CHECK(logsumexp->rank == 3, "logsumexp has %d dimensions, expected 3",
               (int)logsumexp->rank);
  for (int d = 0; d < 3; ++d) {
    PT2_OP_CHECK(logsumexp->sizes[d] == q->sizes[d],
                 "logsumexp dim %d: expected %lld, got %lld", d,
                 (long long)q->sizes[d], (long long)logsumexp->sizes[d]);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__attention_gradient_result(const pt2_tensor_t* like,
                                            pt2_tensor_t** out_tensor) {
  const int64_t* sizes = like->sizes;
  const int64_t in_memory[4] = {sizes[0], sizes[2], sizes[1], sizes[3]};
  int64_t strides[4];
  pt2__sizes_contiguous_strides(4, in_memory, strides);
  const int64_t turned[4] = {strides[0], strides[2], strides[1], strides[3]};
  PT2_TRY(pt2__tensor_empty(like->dtype, 4, sizes, turned, out_tensor));
  size_t bytes =
      (size_t)(*out_tensor)->numel * pt2_dtype_size_bytes(like->dtype);
  if (bytes > 0) {
    memset((*out_tensor)->data, 0, bytes);
  }
  return PT2_STATUS_OK;
}
