// SPDX-License-Identifier: Apache-2.0
//
// Linear algebra on any device: checks as PyTorch makes them, batches, and the
// column-major layout that PyTorch gives its results.
#ifndef PT2_SRC_OPS_LINALG_H_
#define PT2_SRC_OPS_LINALG_H_

#include "ops/op.h"

// Sizes of a batch of matrices, without the matrices' own.
typedef struct {
  int32_t rank;
  int64_t sizes[PT2__MAX_RANK];
  int64_t count;
} pt2__batch_t;

// Sizes of a matrix, the last two of a tensor.
static inline int64_t pt2__linalg_rows(const pt2_tensor_t* matrix) {
  return matrix->sizes[matrix->rank - 2];
}
static inline int64_t pt2__linalg_columns(const pt2_tensor_t* matrix) {
  return matrix->sizes[matrix->rank - 1];
}

// Fails unless |tensor| has at least two dimensions ("torch.geqrf: input must
// have at least 2 dimensions" …), is square too, or is f32, f64, complex64 or
// complex128 ('"geqrf_cpu" not implemented for …').
PT2_MUST_USE pt2_status_t pt2__linalg_check_matrix(const pt2_tensor_t* tensor,
                                                   const char* function,
                                                   const char* name);
PT2_MUST_USE pt2_status_t pt2__linalg_check_square(const pt2_tensor_t* tensor,
                                                   const char* function,
                                                   const char* name);
PT2_MUST_USE pt2_status_t pt2__linalg_check_dtype(const pt2_tensor_t* tensor,
                                                  const char* kernel);
// A x = b, or x A = b if not |left|: same dtype, A square and as large as b.
PT2_MUST_USE pt2_status_t pt2__linalg_check_solve(const pt2_tensor_t* b,
                                                  const pt2_tensor_t* a,
                                                  bool left,
                                                  const char* function);

void pt2__linalg_batch(const pt2_tensor_t* tensor, pt2__batch_t* out_batch);
// The batch that both broadcast to.
PT2_MUST_USE pt2_status_t pt2__linalg_broadcast(const pt2_tensor_t* a,
                                                const pt2_tensor_t* b,
                                                pt2__batch_t* out_batch);

// New matrices, m x n, column by column.
PT2_MUST_USE pt2_status_t pt2__linalg_empty(int32_t dtype,
                                            const pt2__batch_t* batch,
                                            int64_t m, int64_t n,
                                            pt2_tensor_t** out_tensor);
// New row-major tensor of the batch's sizes and, unless |last| is negative,
// one more.
PT2_MUST_USE pt2_status_t pt2__linalg_empty_vector(int32_t dtype,
                                                   const pt2__batch_t* batch,
                                                   int64_t last,
                                                   pt2_tensor_t** out_tensor);
// A copy of |source|, broadcast to |batch|, column by column.
PT2_MUST_USE pt2_status_t pt2__linalg_clone(const pt2_tensor_t* source,
                                            const pt2__batch_t* batch,
                                            pt2_tensor_t** out_tensor);
// |source| itself where it lies so, else such a copy.
PT2_MUST_USE pt2_status_t pt2__linalg_dense(const pt2_tensor_t* source,
                                            const pt2__batch_t* batch,
                                            pt2_tensor_t** out_tensor);

// Fails if one of LAPACK's codes in |info| (row-major i32) tells an error, with
// PyTorch's words for the function |api| ("linalg.inv_ex").
PT2_MUST_USE pt2_status_t pt2__linalg_check_info(const pt2_tensor_t* info,
                                                 const char* api,
                                                 bool is_matrix);

#endif  // PT2_SRC_OPS_LINALG_H_
