// SPDX-License-Identifier: Apache-2.0
//
// Weights that oneDNN packed while a model was compiled (freezing): put back
// into rows and columns as they are loaded.
#ifndef PT2_SRC_SHIM_ONEDNN_WEIGHT_H_
#define PT2_SRC_SHIM_ONEDNN_WEIGHT_H_

#include "tensor/tensor.h"

// What a packed weight's description says.
typedef struct {
  int32_t rank;
  int64_t groups;
  int64_t dims[12];  // of a grouped convolution with the groups in front
  int64_t strides[12];
  int64_t offset;
  int32_t block_count;
  int64_t blocks[12];      // sizes of the inner blocks, outermost first
  int64_t block_dims[12];  // which dimension each of them divides
  size_t elements;         // up to the last one
} pt2__onednn_weight_t;

// Reads PyTorch's |metadata| of a tensor of |dtype| and |sizes|.
//
// Errors: UNSUPPORTED  another version's, or a layout that is no plain or
//                      blocked one
PT2_MUST_USE pt2_status_t pt2__onednn_weight_parse(
    const uint8_t* metadata, int64_t metadata_bytes, int32_t dtype,
    int64_t rank, const int64_t* sizes, pt2__onednn_weight_t* out_weight);

// A row-major tensor with |data|'s elements, of |weight->elements| elements of
// |dtype|.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__onednn_weight_unpack(
    const pt2__onednn_weight_t* weight, const void* data, int32_t dtype,
    int64_t rank, const int64_t* sizes, pt2_tensor_t** out_tensor);

#endif  // PT2_SRC_SHIM_ONEDNN_WEIGHT_H_
