// SPDX-License-Identifier: Apache-2.0
//
// What the matrix products of ATen mean on any device: checks of their
// arguments, with torch's words, and one form for all of them.
#ifndef PT2_SRC_OPS_MATMUL_H_
#define PT2_SRC_OPS_MATMUL_H_

#include "ops/op.h"

// One operand as a batch of matrices; strides in elements. A dimension that is
// broadcast has stride 0.
typedef struct {
  const pt2_tensor_t* tensor;  // NULL: none
  int64_t bs, rs, cs;
} pt2__matmul_operand_t;

// out = alpha * a @ b + beta * self for each of |batch| matrices.
typedef struct {
  int64_t batch, m, n, k;
  double alpha, beta;
  pt2__matmul_operand_t a;     // m x k
  pt2__matmul_operand_t b;     // k x n
  pt2__matmul_operand_t self;  // m x n; none where beta is 0
  pt2_tensor_t* out;
  int64_t out_bs, out_rs, out_cs;
} pt2__matmul_t;

// Check the arguments of one operator each and fill in |*matmul|, which borrows
// the tensors. |supported| tells for which dtypes the device has kernels.
//
// Errors: INVALID_ARGUMENT  as torch says it
typedef bool (*pt2__matmul_supported_fn)(int32_t dtype);
PT2_MUST_USE pt2_status_t pt2__matmul_mm(pt2_tensor_t* out,
                                         const pt2_tensor_t* mat1,
                                         const pt2_tensor_t* mat2,
                                         pt2__matmul_supported_fn supported,
                                         pt2__matmul_t* matmul);
PT2_MUST_USE pt2_status_t pt2__matmul_addmm(
    pt2_tensor_t* out, const pt2_tensor_t* self, const pt2_tensor_t* mat1,
    const pt2_tensor_t* mat2, double beta, double alpha,
    pt2__matmul_supported_fn supported, pt2__matmul_t* matmul);
PT2_MUST_USE pt2_status_t pt2__matmul_bmm(pt2_tensor_t* out,
                                          const pt2_tensor_t* batch1,
                                          const pt2_tensor_t* batch2,
                                          pt2__matmul_supported_fn supported,
                                          pt2__matmul_t* matmul);
PT2_MUST_USE pt2_status_t pt2__matmul_baddbmm(
    pt2_tensor_t* out, const pt2_tensor_t* self, const pt2_tensor_t* batch1,
    const pt2_tensor_t* batch2, double beta, double alpha,
    pt2__matmul_supported_fn supported, pt2__matmul_t* matmul);

// The same for operators that make their result: |*out_result| is new and
// row-major, |matmul->out| is it. The caller owns it.
//
// addbmm adds all products up: |out_bs| is 0, and |self| counts once. addmv's
// vectors are matrices of one column. _addmm_activation's function of the
// result is left to the caller; |use_gelu| tells which one it will be.
PT2_MUST_USE pt2_status_t pt2__matmul_new_addmm_activation(
    const pt2_tensor_t* self, const pt2_tensor_t* mat1,
    const pt2_tensor_t* mat2, double beta, double alpha, bool use_gelu,
    pt2__matmul_supported_fn supported, pt2__matmul_t* matmul,
    pt2_tensor_t** out_result);
PT2_MUST_USE pt2_status_t
pt2__matmul_new_addbmm(const pt2_tensor_t* self, const pt2_tensor_t* batch1,
                       const pt2_tensor_t* batch2, double beta, double alpha,
                       pt2__matmul_supported_fn supported,
                       pt2__matmul_t* matmul, pt2_tensor_t** out_result);
PT2_MUST_USE pt2_status_t pt2__matmul_new_addmv(
    const pt2_tensor_t* self, const pt2_tensor_t* mat, const pt2_tensor_t* vec,
    double beta, double alpha, pt2__matmul_supported_fn supported,
    pt2__matmul_t* matmul, pt2_tensor_t** out_result);

// int8 matrices (the first may be uint8) into a row-major int32 |out|.
PT2_MUST_USE pt2_status_t pt2__matmul_int_mm(pt2_tensor_t* out,
                                             const pt2_tensor_t* self,
                                             const pt2_tensor_t* mat2,
                                             pt2__matmul_t* matmul);

// Lays |tensor| over a matrix of |rows| x |columns|, as expand does.
PT2_MUST_USE pt2_status_t pt2__matmul_expand(const pt2_tensor_t* tensor,
                                             int64_t rows, int64_t columns,
                                             pt2__matmul_operand_t* operand);

// True if the memory between |tensor|'s first and last element meets |other|'s.
bool pt2__matmul_memory_meets(const pt2_tensor_t* tensor,
                              const pt2_tensor_t* other);

#endif  // PT2_SRC_OPS_MATMUL_H_
