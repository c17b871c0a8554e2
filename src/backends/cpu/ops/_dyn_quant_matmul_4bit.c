// SPDX-License-Identifier: Apache-2.0
//
// aten::_dyn_quant_matmul_4bit for what _dyn_quant_pack_4bit_weight makes.
#include "backends/cpu/kernels/matmul/dyn_quant.h"
#include "ops/op.h"

// No result is larger in bfloat16 here.
#define LARGEST_BF16 3.38953139e+38f

typedef struct {
  pt2_tensor_t* x;       // of float
  pt2_tensor_t* packed;  // of float
  pt2_tensor_t* y;       // of float
} work_t;

static pt2_status_t check(const pt2_tensor_t* inp, const pt2_tensor_t* packed,
                          int64_t block_size, int64_t in_features,
                          int64_t out_features, bool* out_has_bias) {
  PT2_OP_CHECK_TENSOR(inp, "inp");
  PT2_OP_CHECK_TENSOR(packed, "packed_weights");
  PT2_OP_CHECK(inp->dtype == PT2_DTYPE_F32 ||
                   (inp->dtype == PT2_DTYPE_BF16 && block_size == in_features),
               "expect input to be float32 or bfloat16 tensor (bfloat16 for "
               "one group of all in_features only), but got %s",
               pt2__dtype_torch_name(inp->dtype));
  PT2_OP_CHECK(block_size > 0 &&
                   (block_size == in_features ||
                    (block_size % 32 == 0 && in_features % block_size == 0)),
               "Group size should be multiple of 32, in_features [%lld]. "
               "Provided %lld",
               (long long)in_features, (long long)block_size);
  PT2_OP_CHECK(inp->rank == 2 && inp->sizes[1] == in_features,
               "expect input to be 2D with %lld columns, but it has %d "
               "dimensions",
               (long long)in_features, inp->rank);
  PT2_OP_CHECK(in_features % 2 == 0, "in_features of %lld is odd",
               (long long)in_features);
  PT2_OP_CHECK(packed->rank == 1, "packed_weights has %d dimensions",
               packed->rank);
  int64_t bytes, scales, size;
  bool fits = out_features >= 0 &&
              !__builtin_mul_overflow(out_features, in_features / 2, &bytes) &&
              !__builtin_mul_overflow(out_features, in_features / block_size,
                                      &scales) &&
              !__builtin_add_overflow(bytes, scales, &size) &&
              size <= INT64_MAX - out_features;
  PT2_OP_CHECK(
      fits && (packed->numel == size || packed->numel == size + out_features),
      "Invalid packed weight tensor size: %lld elements for %lld "
      "times %lld numbers",
      (long long)packed->numel, (long long)out_features,
      (long long)in_features);
  *out_has_bias = packed->numel > size;
  return PT2_STATUS_OK;
}

// PyTorch cuts the bits off.
static void narrow(const float* from, int64_t count, uint16_t* to) {
  for (int64_t i = 0; i < count; ++i) {
    float value = from[i];
    value = value < -LARGEST_BF16  ? -LARGEST_BF16
            : value > LARGEST_BF16 ? LARGEST_BF16
                                   : value;
    union {
      float value;
      uint32_t bits;
    } pun = {.value = value};
    to[i] = (uint16_t)(pun.bits >> 16);
  }
}

static pt2_status_t run(const pt2_tensor_t* inp, const pt2_tensor_t* packed,
                        int64_t block_size, int64_t n, bool has_bias,
                        work_t* work, pt2_tensor_t* result) {
  PT2_TRY(pt2__tensor_to_contiguous(inp, PT2_DTYPE_F32, &work->x));
  PT2_TRY(pt2__tensor_to_contiguous(packed, PT2_DTYPE_F32, &work->packed));
  if (result->dtype == PT2_DTYPE_F32) {
    PT2_TRY(pt2__tensor_alias(result, &work->y));
  } else {
    PT2_TRY(pt2__tensor_empty(PT2_DTYPE_F32, 2, result->sizes, NULL, &work->y));
  }
  int64_t k = inp->sizes[1];
  const float* bytes = work->packed->data;
  const float* scales = bytes + n * (k / 2);
  const pt2__dyn_quant_t call = {
      .m = inp->sizes[0],
      .n = n,
      .k = k,
      .group = block_size,
      .x = work->x->data,
      .bytes = bytes,
      .scales = scales,
      .bias = has_bias ? scales + n * (k / block_size) : NULL,
      .y = work->y->data};
  PT2_TRY(pt2__dyn_quant(&call));
  if (result->dtype != PT2_DTYPE_F32) {
    narrow(work->y->data, result->numel, result->data);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t multiply(const pt2_tensor_t* inp,
                             const pt2_tensor_t* packed, int64_t block_size,
                             int64_t in_features, int64_t out_features,
                             pt2_tensor_t** out_result) {
  bool has_bias = false;
  PT2_TRY(check(inp, packed, block_size, in_features, out_features, &has_bias));
  const int64_t sizes[2] = {inp->sizes[0], out_features};
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(inp->dtype, 2, sizes, NULL, &result));
  work_t work = {0};
  pt2_status_t status =
      run(inp, packed, block_size, out_features, has_bias, &work, result);
  pt2__tensor_release(work.x);
  pt2__tensor_release(work.packed);
  pt2__tensor_release(work.y);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu__dyn_quant_matmul_4bit(
    AtenTensorHandle inp, AtenTensorHandle packed_weights, int64_t block_size,
    int64_t in_features, int64_t out_features, AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::_dyn_quant_matmul_4bit",
                multiply(inp, packed_weights, block_size, in_features,
                         out_features, ret0));
}
