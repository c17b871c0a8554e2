// SPDX-License-Identifier: Apache-2.0
//
// aten::_dyn_quant_pack_4bit_weight, as PyTorch has it where there is no
// KleidiAI: bytes, scales and bias one after the other, all as floats.
#include "ops/op.h"

static pt2_status_t check(const pt2_tensor_t* weights,
                          const pt2_tensor_t* scales, const pt2_tensor_t* bias,
                          int64_t block_size, int64_t in_features) {
  PT2_OP_CHECK_TENSOR(weights, "weights");
  PT2_OP_CHECK(weights->dtype == PT2_DTYPE_U8,
               "expect weight to be kByte, but got %s",
               pt2__dtype_torch_name(weights->dtype));
  PT2_OP_CHECK_TENSOR(scales, "scales_zeros");
  PT2_OP_CHECK(block_size > 0 &&
                   (block_size == in_features ||
                    (block_size % 32 == 0 && in_features % block_size == 0)),
               "Group size should be multiple of 32, in_features [%lld]. "
               "Provided %lld",
               (long long)in_features, (long long)block_size);
  if (bias != NULL) {
    PT2_OP_CHECK_TENSOR(bias, "bias");
  }
  return PT2_STATUS_OK;
}

// Appends |source| to |target| from element |*at| on.
static pt2_status_t append(const pt2_tensor_t* source, pt2_tensor_t* target,
                           int64_t* at) {
  int64_t strides[PT2__MAX_RANK];
  pt2__sizes_contiguous_strides(source->rank, source->sizes, strides);
  pt2_tensor_t* part = NULL;
  PT2_TRY(pt2__tensor_view(target, source->rank, source->sizes, strides, *at,
                           &part));
  pt2_status_t status = pt2__tensor_copy(part, source);
  pt2__tensor_release(part);
  *at += source->numel;
  return status;
}

static pt2_status_t fill(const pt2_tensor_t* weights,
                         const pt2_tensor_t* scales, const pt2_tensor_t* bias,
                         pt2_tensor_t* packed) {
  int64_t at = 0;
  PT2_TRY(append(weights, packed, &at));
  PT2_TRY(append(scales, packed, &at));
  return bias == NULL ? PT2_STATUS_OK : append(bias, packed, &at);
}

static pt2_status_t pack(const pt2_tensor_t* weights,
                         const pt2_tensor_t* scales, const pt2_tensor_t* bias,
                         int64_t block_size, int64_t in_features,
                         pt2_tensor_t** out_packed) {
  PT2_TRY(check(weights, scales, bias, block_size, in_features));
  const int64_t size =
      weights->numel + scales->numel + (bias == NULL ? 0 : bias->numel);
  pt2_tensor_t* packed = NULL;
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_F32, 1, &size, NULL, &packed));
  pt2_status_t status = fill(weights, scales, bias, packed);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(packed);
    return status;
  }
  *out_packed = packed;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu__dyn_quant_pack_4bit_weight(
    AtenTensorHandle weights, AtenTensorHandle scales_zeros,
    AtenTensorHandle* bias, int64_t block_size, int64_t in_features,
    int64_t out_features, AtenTensorHandle* ret0) {
  (void)out_features;
  PT2_OP_RETURN("aten::_dyn_quant_pack_4bit_weight",
                pack(weights, scales_zeros, bias == NULL ? NULL : *bias,
                     block_size, in_features, ret0));
}
