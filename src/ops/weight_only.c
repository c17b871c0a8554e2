// SPDX-License-Identifier: Apache-2.0
#include "ops/weight_only.h"

static pt2_status_t check_left(const pt2_tensor_t* self, bool rows_dense) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(self->dtype == PT2_DTYPE_F32 || self->dtype == PT2_DTYPE_F16 ||
                   self->dtype == PT2_DTYPE_BF16,
               "expect A to be either 32-bit or 16-bit float tensor, got %s",
               pt2__dtype_torch_name(self->dtype));
  PT2_OP_CHECK(self->rank == 2, "expect A to be 2D tensor, got %dD",
               self->rank);
  if (rows_dense) {
    PT2_OP_CHECK(pt2__tensor_is_contiguous(self), "expect A to be contiguous");
  } else {
    PT2_OP_CHECK(self->strides[1] == 1 || self->sizes[1] < 2,
                 "A must be contiguous on the last dimension, its stride is "
                 "%lld",
                 (long long)self->strides[1]);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_right(const pt2_tensor_t* mat2, int32_t dtype,
                                const char* wanted) {
  PT2_OP_CHECK_TENSOR(mat2, "mat2");
  PT2_OP_CHECK(mat2->dtype == dtype, "expect B to be %s tensor, got %s", wanted,
               pt2__dtype_torch_name(mat2->dtype));
  PT2_OP_CHECK(mat2->rank == 2, "expect B to be 2D tensor, got %dD",
               mat2->rank);
  PT2_OP_CHECK(pt2__tensor_is_contiguous(mat2), "expect B to be contiguous");
  return PT2_STATUS_OK;
}

static pt2_status_t check_scales_dtype(const pt2_tensor_t* self,
                                       const pt2_tensor_t* scales) {
  PT2_OP_CHECK(
      scales->dtype == self->dtype, "expected scalar type %s but found %s",
      pt2__dtype_torch_name(self->dtype), pt2__dtype_torch_name(scales->dtype));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__weight_only_check_int8(const pt2_tensor_t* self,
                                         const pt2_tensor_t* mat2,
                                         const pt2_tensor_t* scales) {
  PT2_TRY(check_left(self, false));
  PT2_TRY(check_right(mat2, PT2_DTYPE_I8, "int8"));
  PT2_OP_CHECK(mat2->sizes[1] == self->sizes[1],
               "expect B.size(1) == %lld, got %lld", (long long)self->sizes[1],
               (long long)mat2->sizes[1]);
  PT2_OP_CHECK_TENSOR(scales, "scales");
  PT2_OP_CHECK(scales->rank == 1 && scales->sizes[0] == mat2->sizes[0],
               "expect scales to be 1d tensor with size %lld",
               (long long)mat2->sizes[0]);
  return check_scales_dtype(self, scales);
}

static pt2_status_t read_group(const pt2_tensor_t* group, int64_t* out_group) {
  PT2_OP_CHECK_TENSOR(group, "qGroupSize");
  PT2_OP_CHECK(group->numel == 1,
               "group size must be a scalar, got %lld elements",
               (long long)group->numel);
  PT2_OP_CHECK(group->dtype == PT2_DTYPE_I64,
               "group size must be int64, got %s",
               pt2__dtype_torch_name(group->dtype));
  int64_t value = *(const int64_t*)group->data;
  PT2_OP_CHECK(value == 32 || value == 64 || value == 128 || value == 256,
               "expect qGroupSize to be 32, 64, 128 or 256, got %lld",
               (long long)value);
  *out_group = value;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__weight_only_check_int4(const pt2_tensor_t* self,
                                         const pt2_tensor_t* mat2,
                                         const pt2_tensor_t* group,
                                         const pt2_tensor_t* scales_zeros,
                                         int64_t* out_group) {
  PT2_TRY(read_group(group, out_group));
  PT2_TRY(check_left(self, true));
  PT2_TRY(check_right(mat2, PT2_DTYPE_U8, "uint8"));
  int64_t n = mat2->sizes[0];
  int64_t k = self->sizes[1];
  PT2_OP_CHECK(k % 2 == 0 && mat2->sizes[1] == k / 2,
               "expect B.size(1) to be K/2, got %lld for K = %lld",
               (long long)mat2->sizes[1], (long long)k);
  PT2_OP_CHECK(k % *out_group == 0,
               "expect K to be divisible by qGroupSize, got K:%lld, "
               "qGroupSize:%lld",
               (long long)k, (long long)*out_group);
  PT2_OP_CHECK(n % 16 == 0,
               "Unsupported n block size: %lld columns are no multiple of 16",
               (long long)n);
  PT2_OP_CHECK_TENSOR(scales_zeros, "qScaleAndZeros");
  PT2_OP_CHECK(scales_zeros->rank == 3 && scales_zeros->sizes[1] == n &&
                   scales_zeros->sizes[2] == 2,
               "expect qScaleAndZeros to be 3d tensor with sizes [:, %lld, 2]",
               (long long)n);
  // PyTorch reads beyond the end here.
  PT2_OP_CHECK(scales_zeros->sizes[0] >= k / *out_group,
               "qScaleAndZeros has %lld groups of %lld for K = %lld",
               (long long)scales_zeros->sizes[0], (long long)*out_group,
               (long long)k);
  return check_scales_dtype(self, scales_zeros);
}
