// SPDX-License-Identifier: Apache-2.0
//
// Runs a function for each matrix of a batch.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_MATRICES_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_MATRICES_H_

#include <stdbool.h>

#include "ops/linalg.h"

// Matrix |i| of a dense batch of matrices.
static inline void* pt2__matrix_at(const pt2_tensor_t* matrices, int64_t i) {
  return (char*)matrices->data + (size_t)(i * pt2__linalg_rows(matrices) *
                                          pt2__linalg_columns(matrices)) *
                                     pt2_dtype_size_bytes(matrices->dtype);
}

// Vector |i| of a dense batch of vectors.
static inline void* pt2__vector_at(const pt2_tensor_t* vectors, int64_t i) {
  return (char*)vectors->data +
         (size_t)(i * vectors->sizes[vectors->rank - 1]) *
             pt2_dtype_size_bytes(vectors->dtype);
}

// Calls |each| for 0 … count - 1, on several threads if there is enough |work|
// (element operations of all). A failure ends with OUT_OF_MEMORY, the only
// error that |each| may have.
typedef pt2_status_t (*pt2__each_matrix_fn)(void* context, int64_t i);
PT2_MUST_USE pt2_status_t pt2__each_matrix(int64_t count, double work,
                                           pt2__each_matrix_fn each,
                                           void* context);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_MATRICES_H_
