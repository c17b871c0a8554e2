// SPDX-License-Identifier: Apache-2.0
//
// x @ weight^T + bias with what follows it, as PyTorch's mkldnn and mkl
// operators have it.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_LINEAR_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_LINEAR_H_

#include "backends/cpu/kernels/elementwise/pointwise.h"
#include "tensor/tensor.h"

typedef struct {
  const pt2_tensor_t* x;       // [..., k]
  const pt2_tensor_t* weight;  // [n, k], not packed by oneDNN
  const pt2_tensor_t* bias;    // [n]; NULL: none
  const pt2_tensor_t* other;   // second operand of |pointwise|; NULL: none
  pt2__pointwise_t pointwise;
} pt2__gemm_linear_t;

// Computes into a new row-major tensor [..., n].
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (a packed weight), OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__gemm_linear(const pt2__gemm_linear_t* call,
                                           pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_LINEAR_H_
