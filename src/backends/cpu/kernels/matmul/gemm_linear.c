// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/matmul/gemm_linear.h"

#include <string.h>

#include "backends/cpu/kernels/matmul/gemm.h"
#include "ops/op.h"

typedef struct {
  const pt2__pointwise_t* pointwise;
  const float* other;  // row-major like the result; NULL: none
  int64_t columns;
} finish_t;

static void apply(void* context, void* values, int64_t count, int64_t batch,
                  int64_t row, int64_t column) {
  (void)batch;
  const finish_t* finish = context;
  const float* other = finish->other;
  if (other != NULL) {
    other += row * finish->columns + column;
  }
  pt2__pointwise_apply(finish->pointwise, values, other, count);
}

static pt2_status_t check_same_dtype(const pt2_tensor_t* x,
                                     const pt2_tensor_t* tensor,
                                     const char* name) {
  PT2_OP_CHECK(tensor->dtype == x->dtype,
               "Input type (torch.%sTensor) and %s type (torch.%sTensor) "
               "should be the same",
               pt2__dtype_torch_name(x->dtype), name,
               pt2__dtype_torch_name(tensor->dtype));
  return PT2_STATUS_OK;
}

static pt2_status_t check(const pt2__gemm_linear_t* call) {
  const pt2_tensor_t* x = call->x;
  const pt2_tensor_t* w = call->weight;
  PT2_OP_CHECK_TENSOR(x, "input");
  PT2_OP_CHECK_TENSOR(w, "weight");
  if (w->layout != PT2_LAYOUT_STRIDED) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "the weight is packed by oneDNN (layout %d)", w->layout);
  }
  PT2_OP_CHECK(x->dtype == PT2_DTYPE_F32 || x->dtype == PT2_DTYPE_BF16 ||
                   x->dtype == PT2_DTYPE_F16,
               "expected a float, bfloat16 or half tensor, but got %s",
               pt2__dtype_torch_name(x->dtype));
  PT2_TRY(check_same_dtype(x, w, "weight"));
  PT2_OP_CHECK(w->rank == 2, "weight must be a matrix, got %d-D tensor",
               w->rank);
  PT2_OP_CHECK(x->rank >= 1, "input must have at least one dimension");
  int64_t k = x->sizes[x->rank - 1];
  PT2_OP_CHECK(k == w->sizes[1],
               "input and weight shapes cannot be multiplied: the last "
               "dimension of input is %lld, weight is %lldx%lld",
               (long long)k, (long long)w->sizes[0], (long long)w->sizes[1]);
  if (call->bias != NULL) {
    PT2_OP_CHECK_TENSOR(call->bias, "bias");
    PT2_TRY(check_same_dtype(x, call->bias, "bias"));
    PT2_OP_CHECK(call->bias->rank == 1 && call->bias->sizes[0] == w->sizes[0],
                 "bias must have %lld elements in one dimension",
                 (long long)w->sizes[0]);
  }
  return PT2_STATUS_OK;
}

// |call->other| as floats in the result's order.
static pt2_status_t prepare_other(const pt2__gemm_linear_t* call,
                                  const pt2_tensor_t* result,
                                  pt2_tensor_t** out_other) {
  PT2_OP_CHECK_TENSOR(call->other, "other");
  PT2_TRY(check_same_dtype(call->x, call->other, "other"));
  char have[128];
  PT2_OP_CHECK(call->other->numel == result->numel,
               "other of sizes %s has %lld elements, expected %lld",
               pt2__sizes_format(call->other->rank, call->other->sizes, have,
                                 sizeof(have)),
               (long long)call->other->numel, (long long)result->numel);
  return pt2__tensor_to_contiguous(call->other, PT2_DTYPE_F32, out_other);
}

static pt2_status_t multiply(const pt2__gemm_linear_t* call,
                             const pt2_tensor_t* x, const pt2_tensor_t* other,
                             pt2_tensor_t* result) {
  const pt2_tensor_t* w = call->weight;
  finish_t finish = {&call->pointwise, other == NULL ? NULL : other->data,
                     w->sizes[0]};
  pt2__gemm_t gemm = {.dtype = x->dtype,
                      .batch = 1,
                      .n = w->sizes[0],
                      .k = w->sizes[1],
                      .alpha = 1,
                      .beta = 1,
                      .a = {x->data, 0, w->sizes[1], 1},
                      .b = {w->data, 0, w->strides[1], w->strides[0]},
                      .c = result->data,
                      .c_rs = w->sizes[0],
                      .c_cs = 1};
  gemm.m = gemm.n > 0 ? result->numel / gemm.n : 0;
  if (call->bias != NULL) {
    gemm.source =
        (pt2__gemm_operand_t){call->bias->data, 0, 0, call->bias->strides[0]};
  }
  if (call->pointwise.binary != 0 || call->pointwise.unary != 0) {
    gemm.finish = apply;
    gemm.finish_context = &finish;
  }
  gemm.panels = pt2__gemm_pack(w, true, gemm.m);
  return pt2__gemm(&gemm);
}

static pt2_status_t run(const pt2__gemm_linear_t* call, pt2_tensor_t* result) {
  pt2_tensor_t* other = NULL;
  if (call->pointwise.binary != 0) {
    PT2_TRY(prepare_other(call, result, &other));
  }
  pt2_tensor_t* x = NULL;
  pt2_status_t status = pt2__tensor_contiguous(call->x, &x);
  if (status == PT2_STATUS_OK) {
    status = multiply(call, x, other, result);
    pt2__tensor_release(x);
  }
  if (other != NULL) {
    pt2__tensor_release(other);
  }
  return status;
}

pt2_status_t pt2__gemm_linear(const pt2__gemm_linear_t* call,
                              pt2_tensor_t** out_result) {
  PT2_TRY(check(call));
  int64_t sizes[PT2__MAX_RANK];
  memcpy(sizes, call->x->sizes, sizeof(*sizes) * (size_t)call->x->rank);
  sizes[call->x->rank - 1] = call->weight->sizes[0];
  pt2_tensor_t* result;
  PT2_TRY(
      pt2__tensor_empty(call->x->dtype, call->x->rank, sizes, NULL, &result));
  pt2_status_t status = run(call, result);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}
