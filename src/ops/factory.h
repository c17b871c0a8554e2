// SPDX-License-Identifier: Apache-2.0
//
// What operators that make a tensor have in common: their options.
#ifndef PT2_SRC_OPS_FACTORY_H_
#define PT2_SRC_OPS_FACTORY_H_

#include "ops/op.h"

// torch's options of a factory; pointers may be NULL for "not given".
typedef struct {
  const int32_t* dtype;
  const int32_t* layout;
  const int32_t* device;
  const int32_t* memory_format;
} pt2__factory_options_t;

// A new row-major tensor; |default_dtype| where the options name none.
PT2_MUST_USE pt2_status_t pt2__factory_empty(
    const int64_t* sizes, int64_t rank, const pt2__factory_options_t* options,
    int32_t default_dtype, pt2_tensor_t** out_tensor);

// A new tensor of |like|'s sizes, and of its dtype unless the options say
// otherwise.
PT2_MUST_USE pt2_status_t pt2__factory_empty_like(
    const pt2_tensor_t* like, const pt2__factory_options_t* options,
    pt2_tensor_t** out_tensor);

#endif  // PT2_SRC_OPS_FACTORY_H_
