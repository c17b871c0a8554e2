// SPDX-License-Identifier: Apache-2.0
#include "ops/quantized.h"

#include <string.h>

static bool is(const char* name, const char* wanted) {
  return name != NULL && strcmp(name, wanted) == 0;
}

static pt2_status_t check_weight(const pt2_tensor_t* weight) {
  PT2_OP_CHECK_TENSOR(weight, "weight");
  if (weight->layout != PT2_LAYOUT_STRIDED) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "the weight is packed by oneDNN (layout %d)",
                    weight->layout);
  }
  return PT2_STATUS_OK;
}

// A zero point fits into 32 bits, as oneDNN has them.
static pt2_status_t narrow(int64_t value, const char* name, int32_t* out) {
  PT2_OP_CHECK(value >= INT32_MIN && value <= INT32_MAX,
               "%s of %lld is out of range", name, (long long)value);
  *out = (int32_t)value;
  return PT2_STATUS_OK;
}

static pt2_status_t read_input_scale(const pt2__quantized_args_t* args,
                                     bool may_lack_zero_point,
                                     pt2__quantized_t* q) {
  const pt2_tensor_t* scale = args->input_scale;
  const pt2_tensor_t* zero_point = args->input_zero_point;
  PT2_OP_CHECK_TENSOR(scale, "the input's scale");
  PT2_OP_CHECK_TENSOR(zero_point, "the input's zero point");
  PT2_OP_CHECK(
      scale->numel == 1 && (zero_point->numel == 1 ||
                            (zero_point->numel == 0 && may_lack_zero_point)),
      "act scale/zp size should be 1, but got %lld and %lld",
      (long long)scale->numel, (long long)zero_point->numel);
  q->input_scale = (float)pt2__element_get_f64(scale->dtype, scale->data);
  if (zero_point->numel == 0) {
    return PT2_STATUS_OK;
  }
  if (pt2__dtype_is_integral(zero_point->dtype, true)) {
    return narrow(pt2__element_get_i64(zero_point->dtype, zero_point->data),
                  "the input's zero point", &q->input_zero_point);
  }
  double value = pt2__element_get_f64(zero_point->dtype, zero_point->data);
  PT2_OP_CHECK(value >= INT32_MIN && value <= INT32_MAX,
               "the input's zero point of %g is out of range", value);
  q->input_zero_point = (int32_t)value;
  return PT2_STATUS_OK;
}

static pt2_status_t check_output(const pt2__quantized_args_t* args,
                                 pt2__quantized_t* q) {
  q->dtype =
      args->output_dtype != NULL ? *args->output_dtype : args->input->dtype;
  PT2_OP_CHECK(q->dtype == PT2_DTYPE_U8 || q->dtype == PT2_DTYPE_I8 ||
                   q->dtype == PT2_DTYPE_F32 || q->dtype == PT2_DTYPE_BF16 ||
                   q->dtype == PT2_DTYPE_F16 ||
                   (q->dtype == PT2_DTYPE_F8E4M3FN && q->is_f8),
               "output dtype %s is not supported with input of type %s",
               pt2_dtype_name(q->dtype),
               pt2__dtype_torch_name(args->input->dtype));
  PT2_OP_CHECK((q->dtype != PT2_DTYPE_F32 && q->dtype != PT2_DTYPE_BF16) ||
                   (args->output_scale == 1 && args->output_zero_point == 0),
               "expect output scale=1 and zero point=0 for fp32 or bf16 "
               "output, but got %g and %lld",
               args->output_scale, (long long)args->output_zero_point);
  q->output_scale = (float)args->output_scale;
  PT2_TRY(narrow(args->output_zero_point, "the output's zero point",
                 &q->output_zero_point));
  q->other_scale = (float)args->other_scale;
  return narrow(args->other_zero_point, "the other zero point",
                &q->other_zero_point);
}

// |channels| is the number of the weight's output channels.
static pt2_status_t check_weight_scales(const pt2_tensor_t* scales,
                                        int64_t channels) {
  PT2_OP_CHECK(scales->numel == 1 || scales->numel == channels,
               "weight scales should have 1 or %lld elements, but have %lld",
               (long long)channels, (long long)scales->numel);
  PT2_OP_CHECK(scales->rank <= 1 || pt2__tensor_is_contiguous(scales),
               "weight_scales should be scalar tensor or contiguous");
  return PT2_STATUS_OK;
}

// ---- Linear layers ---------------------------------------------------------

static pt2_status_t check_linear_types(const pt2__quantized_args_t* args,
                                       pt2__quantized_t* q) {
  int32_t input = args->input->dtype;
  int32_t weight = args->weight->dtype;
  PT2_OP_CHECK(input == PT2_DTYPE_U8 || input == PT2_DTYPE_I8 ||
                   input == PT2_DTYPE_F8E4M3FN,
               "data type of input should be uint8, int8 or float8_e4m3fn, "
               "but got %s",
               pt2__dtype_torch_name(input));
  PT2_OP_CHECK(weight == PT2_DTYPE_I8 || weight == PT2_DTYPE_F8E4M3FN,
               "data type of weight should be int8 or float8_e4m3fn, but got "
               "%s",
               pt2__dtype_torch_name(weight));
  q->is_f8 = input == PT2_DTYPE_F8E4M3FN;
  PT2_OP_CHECK(q->is_f8 == (weight == PT2_DTYPE_F8E4M3FN),
               "data type of input and weight should be the same for fp8, but "
               "got %s and %s",
               pt2__dtype_torch_name(input), pt2__dtype_torch_name(weight));
  PT2_OP_CHECK_TENSOR(args->weight_scales, "weight scales");
  PT2_OP_CHECK(args->weight_scales->dtype == PT2_DTYPE_F32,
               "weight scales should be dtype Float, but got %s",
               pt2__dtype_torch_name(args->weight_scales->dtype));
  return PT2_STATUS_OK;
}

static pt2_status_t check_linear_sizes(const pt2__quantized_args_t* args) {
  const pt2_tensor_t* input = args->input;
  const pt2_tensor_t* weight = args->weight;
  PT2_OP_CHECK(weight->rank == 2, "weight must be a matrix, got %d-D tensor",
               weight->rank);
  PT2_OP_CHECK(input->rank >= 1, "input must have at least one dimension");
  int64_t k = input->sizes[input->rank - 1];
  int64_t n = weight->sizes[1];
  PT2_OP_CHECK(k == weight->sizes[0],
               "the last dimension of input is %lld, weight is %lldx%lld",
               (long long)k, (long long)weight->sizes[0], (long long)n);
  PT2_OP_CHECK(k > 0, "input has no columns");
  PT2_TRY(check_weight_scales(args->weight_scales, n));
  if (args->bias != NULL) {
    PT2_OP_CHECK_TENSOR(args->bias, "bias");
    PT2_OP_CHECK(
        args->bias->numel == n &&
            (args->bias->rank == 1 ||
             (args->bias->rank == 2 && args->bias->sizes[0] == 1)) &&
            pt2__dtype_is_floating(args->bias->dtype),
        "bias should have %lld floating point elements in one dimension",
        (long long)n);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_linear_other(const pt2__quantized_args_t* args,
                                       pt2__quantized_t* q) {
  if (args->binary == NULL || is(args->binary, "none")) {
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK(is(args->binary, "sum") || is(args->binary, "add"),
               "unsupported binary post op %s", args->binary);
  q->binary = is(args->binary, "sum") ? PT2__QUANTIZED_SUM : PT2__QUANTIZED_ADD;
  PT2_OP_CHECK(args->other != NULL, "the extra input is missing for post op %s",
               args->binary);
  PT2_OP_CHECK_TENSOR(args->other, "the extra input");
  PT2_OP_CHECK((q->dtype != PT2_DTYPE_F32 && q->dtype != PT2_DTYPE_BF16) ||
                   (args->other_scale == 1 && args->other_zero_point == 0),
               "expect extra input scale = 1.0 and zero point = 0 when output "
               "dtype is %s, but got %g and %lld, respectively",
               pt2__dtype_torch_name(q->dtype), args->other_scale,
               (long long)args->other_zero_point);
  PT2_OP_CHECK(
      q->binary != PT2__QUANTIZED_SUM || args->other->dtype == q->dtype,
      "the dtype of extra input for binary post op should be %s (same "
      "as output dtype), but got %s",
      pt2__dtype_torch_name(q->dtype),
      pt2__dtype_torch_name(args->other->dtype));
  PT2_OP_CHECK(is(args->unary, "none") || is(args->unary, "relu"),
               "unsupported unary post op %s with binary post op %s",
               args->unary == NULL ? "(none)" : args->unary, args->binary);
  return PT2_STATUS_OK;
}

static pt2_status_t check_linear_unary(const char* name) {
  static const char* const known[] = {"none",      "relu", "leaky_relu",
                                      "tanh",      "gelu", "hardtanh",
                                      "hardswish", "swish"};
  for (size_t i = 0; i < sizeof(known) / sizeof(*known); ++i) {
    if (is(name, known[i])) {
      return PT2_STATUS_OK;
    }
  }
  return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "unsupported unary post op %s",
                  name == NULL ? "(none)" : name);
}

pt2_status_t pt2__quantized_linear(const pt2__quantized_args_t* args,
                                   pt2__quantized_t* out_quantized) {
  pt2__quantized_t q = {0};
  PT2_OP_CHECK_TENSOR(args->input, "input");
  PT2_TRY(check_weight(args->weight));
  PT2_TRY(read_input_scale(args, true, &q));
  PT2_TRY(check_linear_types(args, &q));
  PT2_TRY(check_output(args, &q));
  PT2_TRY(check_linear_sizes(args));
  PT2_TRY(check_linear_unary(args->unary));
  PT2_TRY(check_linear_other(args, &q));
  *out_quantized = q;
  return PT2_STATUS_OK;
}

// ---- Convolutions ----------------------------------------------------------

static pt2_status_t check_conv_functions(const pt2__quantized_args_t* args,
                                         pt2__quantized_t* q) {
  int32_t dims = args->input->rank - 2;
  const char* unary = args->unary == NULL ? "none" : args->unary;
  if (args->binary != NULL) {
    PT2_OP_CHECK(dims == 2 && is(args->binary, "sum") &&
                     (is(unary, "none") || is(unary, "relu")),
                 "post_op sum or post_op sum_relu is supported for quantized "
                 "pointwise conv2d. Got binary_post_op: %s unary_post_op: %s.",
                 args->binary, unary);
    q->binary = PT2__QUANTIZED_SUM;
    return PT2_STATUS_OK;
  }
  bool known = is(unary, "none") || (dims < 3 && is(unary, "relu")) ||
               (dims == 2 && (is(unary, "hardtanh") || is(unary, "hardswish") ||
                              is(unary, "swish")));
  PT2_OP_CHECK(known, "Unsupported post op %s for quantized pointwise conv%dd.",
               unary, dims);
  return PT2_STATUS_OK;
}

static pt2_status_t check_conv_types(const pt2__quantized_args_t* args,
                                     pt2__quantized_t* q) {
  int32_t input = args->input->dtype;
  int32_t weight = args->weight->dtype;
  PT2_OP_CHECK(input == PT2_DTYPE_U8 || input == PT2_DTYPE_F8E4M3FN,
               "Input tensor should have uint8 (unsigned char) or fp8 data "
               "type, but has %s",
               pt2__dtype_torch_name(input));
  PT2_OP_CHECK(weight == PT2_DTYPE_I8 || weight == PT2_DTYPE_F8E4M3FN,
               "Weight tensor should have int8 (char) or fp8 data type, but "
               "has %s",
               pt2__dtype_torch_name(weight));
  q->is_f8 = weight == PT2_DTYPE_F8E4M3FN;
  PT2_OP_CHECK(q->is_f8 == (input == PT2_DTYPE_F8E4M3FN),
               "expect input tensor to have %s data type, but got %s",
               q->is_f8 ? "fp8" : "uint8", pt2__dtype_torch_name(input));
  PT2_OP_CHECK(!q->is_f8 || q->input_zero_point == 0,
               "fp8 input should not have zero point.");
  // What stands for zero is a number of the input's: the padding consists of
  // it.
  PT2_OP_CHECK(q->input_zero_point >= 0 && q->input_zero_point <= 255,
               "a zero point of %d is out of range for uint8",
               q->input_zero_point);
  PT2_OP_CHECK_TENSOR(args->weight_scales, "weight scales");
  PT2_OP_CHECK(args->weight_scales->dtype == PT2_DTYPE_F32 ||
                   args->weight_scales->dtype == PT2_DTYPE_F64,
               "weight_scales should be with data type Double or float, but "
               "have %s",
               pt2__dtype_torch_name(args->weight_scales->dtype));
  if (args->bias != NULL) {
    PT2_OP_CHECK_TENSOR(args->bias, "bias");
    PT2_OP_CHECK(pt2__dtype_is_floating(args->bias->dtype),
                 "bias should be of floating point, but is %s",
                 pt2__dtype_torch_name(args->bias->dtype));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_conv_other(const pt2__quantized_args_t* args,
                                     pt2__quantized_t* q) {
  if (q->binary == PT2__QUANTIZED_NONE) {
    return PT2_STATUS_OK;
  }
  const pt2_tensor_t* other = args->other;
  PT2_OP_CHECK_TENSOR(other, "accum");
  PT2_OP_CHECK(pt2__tensor_is_channels_last(other),
               "For post op sum, accum tensor must be contiguous.");
  if (q->dtype == PT2_DTYPE_F32 || q->dtype == PT2_DTYPE_BF16) {
    PT2_OP_CHECK(args->other_scale == 1 && args->other_zero_point == 0,
                 "fp32 or bf16 output, accum_scale must be 1.0 and "
                 "accum_zero_point 0, but they are %g and %lld",
                 args->other_scale, (long long)args->other_zero_point);
    PT2_OP_CHECK(
        other->dtype == PT2_DTYPE_F32 || other->dtype == PT2_DTYPE_BF16,
        "The accum tensor should be KFloat or KBFloat, but is %s",
        pt2__dtype_torch_name(other->dtype));
  }
  PT2_OP_CHECK(other->dtype == PT2_DTYPE_U8 || other->dtype == PT2_DTYPE_I8 ||
                   other->dtype == PT2_DTYPE_F32 ||
                   other->dtype == PT2_DTYPE_BF16 ||
                   other->dtype == PT2_DTYPE_F16 ||
                   (other->dtype == PT2_DTYPE_F8E4M3FN && q->is_f8),
               "an accum tensor of %s is not supported",
               pt2__dtype_torch_name(other->dtype));
  // It is what the result is written to.
  q->dtype = other->dtype;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__quantized_conv(const pt2__quantized_args_t* args,
                                 pt2__quantized_t* out_quantized) {
  pt2__quantized_t q = {0};
  PT2_OP_CHECK_TENSOR(args->input, "input");
  PT2_TRY(check_weight(args->weight));
  PT2_OP_CHECK(args->input->rank >= 3 && args->input->rank <= 5,
               "input should have 3 to 5 dimensions, but has %d",
               args->input->rank);
  int32_t wanted = args->input->rank == 3 ? 4 : args->input->rank;
  PT2_OP_CHECK(args->weight->rank == wanted,
               "Weights are expected to have %d dimensions, but have %d",
               wanted, args->weight->rank);
  PT2_TRY(check_conv_functions(args, &q));
  PT2_TRY(read_input_scale(args, false, &q));
  PT2_TRY(check_conv_types(args, &q));
  PT2_TRY(check_output(args, &q));
  PT2_TRY(check_weight_scales(args->weight_scales, args->weight->sizes[0]));
  PT2_TRY(check_conv_other(args, &q));
  *out_quantized = q;
  return PT2_STATUS_OK;
}
