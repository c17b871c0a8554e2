// SPDX-License-Identifier: Apache-2.0
//
// What _cdist_* and _pdist_* mean on any device: distances between rows, and
// their gradients.
#ifndef PT2_SRC_OPS_DISTANCE_H_
#define PT2_SRC_OPS_DISTANCE_H_

#include "ops/op.h"

// |batch| times the distances of |rows1| rows from |rows2| rows of |width|
// elements. Both operands broadcast over the batch.
typedef struct {
  int64_t batch, rows1, rows2, width;
  double p;
  // Euclidean distances by way of a matrix product: faster, less exact.
  bool by_product;
  int32_t batch_rank;
  int64_t batch_sizes[PT2__MAX_RANK];
} pt2__cdist_t;

// Checks the arguments of _cdist_forward; |compute_mode| may be NULL.
//
// Errors: INVALID_ARGUMENT  as torch says it
PT2_MUST_USE pt2_status_t pt2__cdist_check(const pt2_tensor_t* x1,
                                           const pt2_tensor_t* x2, double p,
                                           const int64_t* compute_mode,
                                           pt2__cdist_t* cdist);
PT2_MUST_USE pt2_status_t pt2__cdist_backward_check(
    const pt2_tensor_t* grad, const pt2_tensor_t* x1, const pt2_tensor_t* x2,
    double p, const pt2_tensor_t* dist, pt2__cdist_t* cdist);

// |x| expanded over the batch as a row-major tensor [batch..., rows, width].
PT2_MUST_USE pt2_status_t pt2__cdist_expand(const pt2__cdist_t* cdist,
                                            const pt2_tensor_t* x,
                                            pt2_tensor_t** out_expanded);

// The number of distances that _pdist_forward returns for |self|.
//
// Errors: INVALID_ARGUMENT  as torch says it
PT2_MUST_USE pt2_status_t pt2__pdist_check(const pt2_tensor_t* self,
                                           int64_t* out_count);
PT2_MUST_USE pt2_status_t pt2__pdist_backward_check(const pt2_tensor_t* grad,
                                                    const pt2_tensor_t* self,
                                                    const pt2_tensor_t* dist);

#endif  // PT2_SRC_OPS_DISTANCE_H_
