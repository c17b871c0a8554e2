// SPDX-License-Identifier: Apache-2.0
//
// Layer normalisation on any device: checks of its arguments, its results.
#ifndef PT2_SRC_OPS_LAYER_NORM_H_
#define PT2_SRC_OPS_LAYER_NORM_H_

#include "ops/op.h"

typedef struct {
  int64_t rows;
  int64_t columns;
  int32_t statistics_dtype;
  int64_t statistics_sizes[PT2__MAX_RANK];
} pt2__layer_norm_t;

// |weight| and |bias| may be NULL. They may be Float where |input| is Half or
// BFloat16; the statistics are then Float too.
PT2_MUST_USE pt2_status_t pt2__layer_norm_resolve(const pt2_tensor_t* input,
                                                  const int64_t* shape,
                                                  int64_t shape_count,
                                                  const pt2_tensor_t* weight,
                                                  const pt2_tensor_t* bias,
                                                  pt2__layer_norm_t* out_norm);

#endif  // PT2_SRC_OPS_LAYER_NORM_H_
