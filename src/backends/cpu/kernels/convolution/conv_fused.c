// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/convolution/conv_fused.h"

#include <string.h>

#include "backends/cpu/kernels/elementwise/pointwise.h"
#include "ops/op.h"

typedef struct {
  pt2__pointwise_t pointwise;
  const float* other;
} finish_t;

static pt2_status_t parse_binary(const pt2__conv_fused_t* call,
                                 finish_t* finish) {
  if (call->binary == NULL) {
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK(call->alpha == NULL || *call->alpha == 1,
               "the alpha value should be none or 1.0, but is %g",
               *call->alpha);
  PT2_TRY(pt2__pointwise_parse_binary(call->binary, &finish->pointwise));
  PT2_OP_CHECK(call->unary == NULL || strcmp(call->unary, "relu") == 0 ||
                   strcmp(call->unary, "none") == 0,
               "Unary Fusion behavior undefined after a binary one: \"%s\"",
               call->unary);
  PT2_OP_CHECK_TENSOR(call->other, "other");
  PT2_OP_CHECK(call->other->dtype == call->input->dtype,
               "Input type (torch.%sTensor) and other type (torch.%sTensor) "
               "should be the same",
               pt2__dtype_torch_name(call->input->dtype),
               pt2__dtype_torch_name(call->other->dtype));
  return PT2_STATUS_OK;
}

static void apply(const void* context, void* values, int64_t count,
                  int64_t offset) {
  const finish_t* finish = context;
  pt2__pointwise_apply(&finish->pointwise, values,
                       finish->other == NULL ? NULL : finish->other + offset,
                       count);
}

// ---- The call --------------------------------------------------------------

static pt2_status_t run(const pt2__conv_fused_t* call, const pt2__conv_t* conv,
                        finish_t* finish, pt2_tensor_t* result,
                        pt2_tensor_t** other) {
  if (call->binary != NULL) {
    // Laid out as the result is, so that both are walked alike.
    PT2_TRY(pt2__tensor_empty(PT2_DTYPE_F32, conv->rank, conv->out_sizes,
                              conv->out_strides, other));
    PT2_TRY(pt2__tensor_copy(*other, call->other));
    finish->other = (*other)->data;
  }
  const pt2__conv_finish_t last = {apply, finish};
  return pt2__conv_forward(conv, call->input, call->weight, call->bias, &last,
                           result);
}

pt2_status_t pt2__conv_fused(const pt2__conv_fused_t* call,
                             pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(call->input, "input");
  PT2_OP_CHECK(call->input->dtype == PT2_DTYPE_F32 ||
                   call->input->dtype == PT2_DTYPE_BF16 ||
                   call->input->dtype == PT2_DTYPE_F16,
               "expected a float, bfloat16 or half tensor, but got %s",
               pt2__dtype_torch_name(call->input->dtype));
  finish_t finish = {0};
  PT2_TRY(pt2__pointwise_parse_unary(call->unary, call->scalars,
                                     call->scalar_count, call->algorithm,
                                     &finish.pointwise));
  PT2_TRY(parse_binary(call, &finish));
  const pt2__conv_host_t host = {.always_onednn = true, .threads = true};
  pt2__conv_t conv;
  PT2_TRY(pt2__conv_resolve(call->input, call->weight, call->bias, &call->args,
                            &host, &conv));
  pt2_tensor_t* result = NULL;
  pt2_tensor_t* other = NULL;
  PT2_TRY(pt2__tensor_empty(call->input->dtype, conv.rank, conv.out_sizes,
                            conv.out_strides, &result));
  pt2_status_t status = run(call, &conv, &finish, result, &other);
  pt2__tensor_release(other);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}
