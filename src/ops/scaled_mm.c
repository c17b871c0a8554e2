// SPDX-License-Identifier: Apache-2.0
#include "ops/scaled_mm.h"

#define SIZES_BYTES 128

static bool is_float8(int32_t dtype) {
  return dtype == PT2_DTYPE_F8E5M2 || dtype == PT2_DTYPE_F8E4M3FN ||
         dtype == PT2_DTYPE_F8E5M2FNUZ || dtype == PT2_DTYPE_F8E4M3FNUZ ||
         dtype == PT2_DTYPE_F8E8M0FNU;
}

static bool is_float_scalar(const pt2_tensor_t* tensor) {
  return tensor->dtype == PT2_DTYPE_F32 && tensor->numel == 1;
}

// One scale for each of |count| rows: |along| is the dimension that has them.
static bool is_row_scale(const pt2_tensor_t* scale, int along, int64_t count) {
  return scale->dtype == PT2_DTYPE_F32 && scale->rank == 2 &&
         scale->sizes[along] == count && scale->sizes[1 - along] == 1 &&
         (scale->strides[along] == 1 || count <= 1);
}

static pt2_status_t check_scales(pt2__scaled_mm_t* mm) {
  const pt2_tensor_t* a = mm->scale_a;
  const pt2_tensor_t* b = mm->scale_b;
  bool float8 = is_float8(mm->a->dtype) && is_float8(mm->b->dtype);
  bool single = float8 && is_float_scalar(a) && is_float_scalar(b);
  bool rows = float8 && is_row_scale(a, 0, mm->m) && is_row_scale(b, 1, mm->n);
  char a_sizes[SIZES_BYTES];
  char b_sizes[SIZES_BYTES];
  PT2_OP_CHECK(
      single || rows,
      "Invalid scaling configuration. For TensorWise scaling, a and b should "
      "be float8, scales should be float and singletons; for RowWise scaling, "
      "scale_a should be (%lld, 1) and scale_b should be (1, %lld), and both "
      "should be contiguous. Got a: %s, scale_a: %s%s, b: %s, scale_b: %s%s",
      (long long)mm->m, (long long)mm->n, pt2__dtype_torch_name(mm->a->dtype),
      pt2__dtype_torch_name(a->dtype),
      pt2__sizes_format(a->rank, a->sizes, a_sizes, sizeof(a_sizes)),
      pt2__dtype_torch_name(mm->b->dtype), pt2__dtype_torch_name(b->dtype),
      pt2__sizes_format(b->rank, b->sizes, b_sizes, sizeof(b_sizes)));
  mm->by_rows = !single;
  return PT2_STATUS_OK;
}

static pt2_status_t check_bias(const pt2__scaled_mm_t* mm) {
  const pt2_tensor_t* bias = mm->bias;
  PT2_OP_CHECK_TENSOR(bias, "bias");
  PT2_OP_CHECK(bias->numel == mm->n, "Bias must be size %lld but got %lld",
               (long long)mm->n, (long long)bias->numel);
  PT2_OP_CHECK(!pt2__dtype_is_complex(bias->dtype),
               "result type %s can't be cast to the desired output type Float",
               pt2__dtype_torch_name(bias->dtype));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__scaled_mm_check(const pt2_tensor_t* a, const pt2_tensor_t* b,
                                  const pt2_tensor_t* scale_a,
                                  const pt2_tensor_t* scale_b,
                                  const pt2_tensor_t* bias,
                                  const pt2_tensor_t* scale_result,
                                  const int32_t* out_dtype,
                                  pt2__scaled_mm_t* mm) {
  PT2_OP_CHECK_TENSOR(a, "self");
  PT2_OP_CHECK_TENSOR(b, "mat2");
  PT2_OP_CHECK_TENSOR(scale_a, "scale_a");
  PT2_OP_CHECK_TENSOR(scale_b, "scale_b");
  PT2_OP_CHECK(a->rank == 2, "mat1 must be a matrix");
  PT2_OP_CHECK(b->rank == 2, "mat2 must be a matrix");
  PT2_OP_CHECK(a->sizes[1] == b->sizes[0],
               "mat_a and mat_b shapes cannot be multiplied (%lldx%lld and "
               "%lldx%lld)",
               (long long)a->sizes[0], (long long)a->sizes[1],
               (long long)b->sizes[0], (long long)b->sizes[1]);
  *mm = (pt2__scaled_mm_t){
      .m = a->sizes[0],
      .n = b->sizes[1],
      .k = a->sizes[1],
      .a = a,
      .b = b,
      .scale_a = scale_a,
      .scale_b = scale_b,
      .bias = bias,
      .factor = 1,
      .out_dtype = out_dtype != NULL ? *out_dtype : a->dtype};
  PT2_TRY(check_scales(mm));
  PT2_OP_CHECK(pt2_dtype_size_bytes(mm->out_dtype) != 0 &&
                   mm->out_dtype != PT2_DTYPE_F4E2M1FNX2,
               "there is no conversion to out_dtype %d", mm->out_dtype);
  if (bias != NULL) {
    PT2_TRY(check_bias(mm));
  }
  if (scale_result != NULL) {
    PT2_OP_CHECK_TENSOR(scale_result, "scale_result");
    PT2_OP_CHECK(is_float_scalar(scale_result),
                 "scale_result must be a float scalar");
    // Only for a float8 that was asked for.
    if (out_dtype != NULL &&
        (*out_dtype == PT2_DTYPE_F8E4M3FN || *out_dtype == PT2_DTYPE_F8E5M2)) {
      mm->factor = 1 / *(const float*)scale_result->data;
    }
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__scaled_mm_check_out(const pt2__scaled_mm_t* mm,
                                      const int32_t* out_dtype,
                                      const pt2_tensor_t* out) {
  PT2_OP_CHECK(out_dtype == NULL || *out_dtype == out->dtype,
               "out_dtype must match output matrix type");
  char have[SIZES_BYTES];
  PT2_OP_CHECK(
      out->rank == 2 && out->sizes[0] == mm->m && out->sizes[1] == mm->n,
      "out has sizes %s, expected [%lld, %lld]",
      pt2__sizes_format(out->rank, out->sizes, have, sizeof(have)),
      (long long)mm->m, (long long)mm->n);
  PT2_OP_CHECK(!pt2__tensor_has_internal_overlap(out),
               "unsupported operation: more than one element of the "
               "written-to tensor refers to a single memory location. Please "
               "clone() the tensor before performing the operation.");
  return PT2_STATUS_OK;
}
