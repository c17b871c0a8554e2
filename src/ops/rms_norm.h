// SPDX-License-Identifier: Apache-2.0
//
// What _fused_rms_norm means on any device: its arguments, the sizes of its
// results, epsilon.
#ifndef PT2_SRC_OPS_RMS_NORM_H_
#define PT2_SRC_OPS_RMS_NORM_H_

#include "ops/op.h"

// |rows| rows of |width| elements, each normalised by itself.
typedef struct {
  int64_t rows, width;
  int32_t compute_dtype;  // of the sums and of the second result
  double eps;
  // The first result keeps the input's strides; otherwise it is row-major.
  bool keep_strides;
  // Dimensions that make a row; the weight broadcasts over them, or over all.
  int32_t row_rank;
  int64_t statistic_sizes[PT2__MAX_RANK];
} pt2__rms_norm_t;

// Checks the arguments and fills in |*norm|. |weight| may be NULL, and so may
// |eps|: the smallest step of |compute_dtype| at 1, then. As in torch only the
// length of |normalized_shape| counts; an empty one means all dimensions.
//
// Errors: INVALID_ARGUMENT
PT2_MUST_USE pt2_status_t pt2__rms_norm_check(const pt2_tensor_t* input,
                                              const int64_t* normalized_shape,
                                              int64_t normalized_rank,
                                              const pt2_tensor_t* weight,
                                              const double* eps,
                                              pt2__rms_norm_t* norm);

#endif  // PT2_SRC_OPS_RMS_NORM_H_
