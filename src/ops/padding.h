// SPDX-License-Identifier: Apache-2.0
//
// What padding means on any device: arguments checked as PyTorch does, sizes
// and strides of the result, and which element of the input each result is.
#ifndef PT2_SRC_OPS_PADDING_H_
#define PT2_SRC_OPS_PADDING_H_

#include <stdbool.h>
#include <stdint.h>

#include "ops/convolution.h"
#include "tensor/tensor.h"

typedef enum {
  PT2__PAD_CONSTANT,
  PT2__PAD_REFLECT,
  PT2__PAD_REPLICATE,
  PT2__PAD_CIRCULAR,
} pt2__pad_mode_t;

// A padding that may be run. |before| and |after| are what is added to a
// dimension; negative values take away.
typedef struct {
  pt2__pad_mode_t mode;
  bool trims;  // constant, and nothing is added: a copy of a part of the input
  int32_t rank;
  char value[16];  // of PT2__PAD_CONSTANT, an element of the input's dtype
  int64_t before[PT2__MAX_RANK];
  int64_t after[PT2__MAX_RANK];
  int64_t in_sizes[PT2__MAX_RANK];
  int64_t out_sizes[PT2__MAX_RANK];
  int64_t out_strides[PT2__MAX_RANK];  // unset if |trims|
} pt2__pad_t;

// Checks aten::pad. |pad| begins with the last dimension; |value| may be NULL.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype).
PT2_MUST_USE pt2_status_t pt2__pad_resolve(const pt2_tensor_t* self,
                                           pt2__int_list_t pad,
                                           const char* mode,
                                           const double* value,
                                           pt2__pad_t* out_pad);

// The same of a constant padding; the value is left to the caller, which needs
// none if |out_pad| trims.
PT2_MUST_USE pt2_status_t pt2__pad_resolve_constant(const pt2_tensor_t* self,
                                                    pt2__int_list_t pad,
                                                    pt2__pad_t* out_pad);

// Checks the gradient of a replication padding of |spatial| dimensions (1 to
// 3). Sizes are those of the forward padding: |out_sizes| are |grad_output|'s,
// |out_strides| those of the gradient that comes out, which has |in_sizes|.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype).
PT2_MUST_USE pt2_status_t pt2__pad_resolve_replicate_backward(
    const pt2_tensor_t* grad_output, const pt2_tensor_t* self,
    pt2__int_list_t pad, int spatial, pt2__pad_t* out_pad);

// The element of the input along dimension |d| that result |at| is; -1 where
// it is the constant.
int64_t pt2__pad_source(const pt2__pad_t* pad, int d, int64_t at);

// Results [first, end) along dimension |d| are elements of the input one after
// another. May be empty.
void pt2__pad_middle(const pt2__pad_t* pad, int d, int64_t* out_first,
                     int64_t* out_end);

#endif  // PT2_SRC_OPS_PADDING_H_
