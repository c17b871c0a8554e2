// SPDX-License-Identifier: Apache-2.0
//
// Gradients of embedding tables on the CPU.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_EMBEDDING_GRADIENT_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_EMBEDDING_GRADIENT_H_

#include "ops/embedding.h"

// aten::_embedding_bag_dense_backward: a new table [rows, width].
PT2_MUST_USE pt2_status_t pt2__bag_gradient(const pt2__bag_gradient_t* g,
                                            pt2_tensor_t** out_table);

// aten::embedding_dense_backward.
PT2_MUST_USE pt2_status_t pt2__embedding_gradient(const pt2_tensor_t* gradient,
                                                  const pt2_tensor_t* indices,
                                                  int64_t rows, int64_t padding,
                                                  bool by_frequency,
                                                  pt2_tensor_t** out_table);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_EMBEDDING_GRADIENT_H_
