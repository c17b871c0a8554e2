// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/conv_fused.h"

#include <math.h>
#include <string.h>

#include "ops/op.h"

typedef enum {
  UNARY_NONE,
  UNARY_RELU,
  UNARY_SIGMOID,
  UNARY_TANH,
  UNARY_SWISH,
  UNARY_HARDSWISH,
  UNARY_HARDSIGMOID,
  UNARY_LEAKY_RELU,
  UNARY_HARDTANH,
  UNARY_GELU_ERF,
  UNARY_GELU_TANH
} unary_t;

typedef enum {
  BINARY_NONE,
  BINARY_ADD,
  BINARY_SUB,
  BINARY_MUL,
  BINARY_DIV
} binary_t;

typedef struct {
  binary_t binary;
  unary_t unary;
  float low, high;  // bounds of hardtanh; |low| is the slope of leaky_relu
  const float* other;
} finish_t;

// ---- Names -----------------------------------------------------------------

static pt2_status_t parse_gelu(const char* algorithm, unary_t* out_unary) {
  PT2_OP_CHECK(algorithm != NULL, "gelu needs an algorithm");
  bool tanh_form = strcmp(algorithm, "tanh") == 0;
  PT2_OP_CHECK(tanh_form || strcmp(algorithm, "none") == 0,
               "Unsupported gelu algorithm: %s", algorithm);
  *out_unary = tanh_form ? UNARY_GELU_TANH : UNARY_GELU_ERF;
  return PT2_STATUS_OK;
}

static bool has_scalars(const pt2__conv_fused_t* call, int64_t count) {
  if (call->scalar_count != count || call->scalars == NULL) {
    return false;
  }
  for (int64_t i = 0; i < count; ++i) {
    if (call->scalars[i] == NULL) {
      return false;
    }
  }
  return true;
}

static pt2_status_t parse_unary(const pt2__conv_fused_t* call,
                                finish_t* finish) {
  static const struct {
    const char* name;
    unary_t unary;
  } known[] = {{"none", UNARY_NONE},
               {"relu", UNARY_RELU},
               {"sigmoid", UNARY_SIGMOID},
               {"tanh", UNARY_TANH},
               {"swish", UNARY_SWISH},
               {"hardswish", UNARY_HARDSWISH},
               {"hardsigmoid", UNARY_HARDSIGMOID},
               {"leaky_relu", UNARY_LEAKY_RELU},
               {"hardtanh", UNARY_HARDTANH},
               {"gelu", UNARY_GELU_ERF}};
  if (call->unary == NULL) {
    return PT2_STATUS_OK;
  }
  size_t i = 0;
  while (i < sizeof(known) / sizeof(*known) &&
         strcmp(known[i].name, call->unary) != 0) {
    ++i;
  }
  PT2_OP_CHECK(i < sizeof(known) / sizeof(*known),
               "Fusion behavior undefined: \"%s\"", call->unary);
  finish->unary = known[i].unary;
  if (finish->unary == UNARY_GELU_ERF) {
    return parse_gelu(call->algorithm, &finish->unary);
  }
  if (finish->unary == UNARY_LEAKY_RELU) {
    PT2_OP_CHECK(has_scalars(call, 1),
                 "leaky_relu is expected to have one scalar input: "
                 "negative_slope");
    finish->low = (float)*call->scalars[0];
  }
  if (finish->unary == UNARY_HARDTANH) {
    PT2_OP_CHECK(has_scalars(call, 2),
                 "hardtanh is expected to have two scalar input: min_val and "
                 "max_val");
    finish->low = (float)*call->scalars[0];
    finish->high = (float)*call->scalars[1];
  }
  return PT2_STATUS_OK;
}

static pt2_status_t parse_binary(const pt2__conv_fused_t* call,
                                 finish_t* finish) {
  static const char* const names[] = {"add", "sub", "mul", "div"};
  if (call->binary == NULL) {
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK(call->alpha == NULL || *call->alpha == 1,
               "the alpha value should be none or 1.0, but is %g",
               *call->alpha);
  for (int i = 0; i < 4; ++i) {
    if (strcmp(names[i], call->binary) == 0) {
      finish->binary = (binary_t)(BINARY_ADD + i);
    }
  }
  PT2_OP_CHECK(finish->binary != BINARY_NONE,
               "Binary Fusion behavior undefined: \"%s\"", call->binary);
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

// ---- Elements --------------------------------------------------------------

static void apply_binary(binary_t binary, float* values, const float* other,
                         int64_t count) {
  switch (binary) {
    case BINARY_ADD:
      for (int64_t i = 0; i < count; ++i) {
        values[i] += other[i];
      }
      return;
    case BINARY_SUB:
      for (int64_t i = 0; i < count; ++i) {
        values[i] -= other[i];
      }
      return;
    case BINARY_MUL:
      for (int64_t i = 0; i < count; ++i) {
        values[i] *= other[i];
      }
      return;
    case BINARY_DIV:
      for (int64_t i = 0; i < count; ++i) {
        values[i] /= other[i];
      }
      return;
    default:
      return;
  }
}

static inline float clamp(float value, float low, float high) {
  return value < low ? low : value > high ? high : value;
}

static inline float sigmoid(float value) {
  return 1.0f / (1.0f + expf(-value));
}

static inline float apply_unary(const finish_t* finish, float x) {
  switch (finish->unary) {
    case UNARY_SIGMOID:
      return sigmoid(x);
    case UNARY_TANH:
      return tanhf(x);
    case UNARY_SWISH:
      return x * sigmoid(x);
    case UNARY_HARDSWISH:
      return x * clamp(x + 3.0f, 0.0f, 6.0f) / 6.0f;
    case UNARY_HARDSIGMOID:
      return clamp(x / 6.0f + 0.5f, 0.0f, 1.0f);
    case UNARY_LEAKY_RELU:
      return x < 0 ? x * finish->low : x;
    case UNARY_HARDTANH:
      return clamp(x, finish->low, finish->high);
    case UNARY_GELU_ERF:
      return 0.5f * x * (1.0f + erff(x * 0.70710678118654752f));
    case UNARY_GELU_TANH:
      return 0.5f * x *
             (1.0f + tanhf(0.79788456080286536f * (x + 0.044715f * x * x * x)));
    default:
      return x;
  }
}

static void apply(const void* context, void* values, int64_t count,
                  int64_t offset) {
  const finish_t* finish = context;
  float* at = values;
  if (finish->binary != BINARY_NONE) {
    apply_binary(finish->binary, at, finish->other + offset, count);
  }
  if (finish->unary == UNARY_RELU) {
    for (int64_t i = 0; i < count; ++i) {
      at[i] = at[i] < 0 ? 0 : at[i];
    }
  } else if (finish->unary != UNARY_NONE) {
    for (int64_t i = 0; i < count; ++i) {
      at[i] = apply_unary(finish, at[i]);
    }
  }
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
  PT2_TRY(parse_unary(call, &finish));
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
