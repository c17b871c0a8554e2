// SPDX-License-Identifier: Apache-2.0
//
// Histograms with bins of one width on any device: checks of their arguments.
#ifndef PT2_SRC_OPS_HISTOGRAM_H_
#define PT2_SRC_OPS_HISTOGRAM_H_

#include "ops/op.h"

// Most dimensions of a histogram, as of a tensor.
#define PT2__HISTOGRAM_DIMS PT2__MAX_RANK

// Fails unless |self| is floating, |weight| (NULL: none) has its dtype and
// |points| elements, and each of |dims| dimensions has a bin.
PT2_MUST_USE pt2_status_t pt2__histogram_check(const pt2_tensor_t* self,
                                               int64_t points, int64_t dims,
                                               const int64_t* bins,
                                               const pt2_tensor_t* weight);

// Moves ends that are equal apart by |margin| each; fails unless they are
// finite and in order. |dim| is for the message.
PT2_MUST_USE pt2_status_t pt2__histogram_check_range(int64_t dim, double margin,
                                                     double* low, double* high);

#endif  // PT2_SRC_OPS_HISTOGRAM_H_
