// SPDX-License-Identifier: Apache-2.0
//
// Runs a checked matrix product on the CPU.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_MATMUL_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_MATMUL_H_

#include "ops/matmul.h"

// Computes |matmul|; its |out| may share memory with the operands.
PT2_MUST_USE pt2_status_t pt2__gemm_matmul(const pt2__matmul_t* matmul);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_MATMUL_H_
