// SPDX-License-Identifier: Apache-2.0
//
// Gradients of embeddings on any device: checks of their arguments.
#ifndef PT2_SRC_OPS_EMBEDDING_H_
#define PT2_SRC_OPS_EMBEDDING_H_

#include "ops/op.h"

enum {
  PT2__BAG_SUM = 0,
  PT2__BAG_MEAN = 1,
  PT2__BAG_MAX = 2,
};

// Fails unless |tensor| is a vector of Int or Long.
PT2_MUST_USE pt2_status_t
pt2__embedding_check_indices(const pt2_tensor_t* tensor, const char* name);

// Fails unless |tensor| is a matrix of a floating dtype that embeddings have.
PT2_MUST_USE pt2_status_t
pt2__embedding_check_matrix(const pt2_tensor_t* tensor, const char* name);

// A row-major copy (or alias) of |tensor| as Long, whose values lie in
// [0, |below|).
PT2_MUST_USE pt2_status_t
pt2__embedding_read_indices(const pt2_tensor_t* tensor, const char* name,
                            int64_t below, pt2_tensor_t** out_indices);

// The bag of each of |count| indices, from where the bags begin: Long.
PT2_MUST_USE pt2_status_t pt2__embedding_find_bags(const pt2_tensor_t* offsets,
                                                   int64_t count,
                                                   pt2_tensor_t** out_bags);

// The arguments of aten::_embedding_bag_dense_backward.
typedef struct {
  const pt2_tensor_t* gradient;
  const pt2_tensor_t* indices;
  const pt2_tensor_t* bags;  // of each index
  const pt2_tensor_t* bag_sizes;
  const pt2_tensor_t* max_indices;
  int64_t rows;
  bool by_frequency;
  int64_t mode;
  const pt2_tensor_t* factors;  // per sample; NULL: none
  int64_t padding;
} pt2__bag_gradient_t;

PT2_MUST_USE pt2_status_t
pt2__embedding_check_bag_gradient(const pt2__bag_gradient_t* g);

#endif  // PT2_SRC_OPS_EMBEDDING_H_
