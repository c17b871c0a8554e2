// SPDX-License-Identifier: Apache-2.0
//
// searchsorted and bucketize on any device: checks of their arguments and the
// dtype that is compared in.
#ifndef PT2_SRC_OPS_SEARCH_H_
#define PT2_SRC_OPS_SEARCH_H_

#include "ops/op.h"

typedef struct {
  const pt2_tensor_t* boundaries;
  const pt2_tensor_t* values;
  // |values| stands for a plain number, which decides the dtype less.
  bool is_number;
  bool out_int32;
  bool right;
  const char* side;            // NULL: |right| decides
  const pt2_tensor_t* sorter;  // NULL: the boundaries are sorted
} pt2__search_args_t;

// Fails as torch's checks do; every place in |sorter| is looked at. On success
// |*out_right| tells which side is wanted and |*out_dtype| what both are
// converted to.
PT2_MUST_USE pt2_status_t pt2__search_check(const pt2__search_args_t* args,
                                            bool* out_right,
                                            int32_t* out_dtype);

#endif  // PT2_SRC_OPS_SEARCH_H_
