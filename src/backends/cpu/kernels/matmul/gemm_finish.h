// SPDX-License-Identifier: Apache-2.0
//
// From the sums of a matrix product to its results.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_FINISH_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_FINISH_H_

#include "backends/cpu/kernels/matmul/gemm.h"

// What is left to do with |count| values of alpha * A @ B from (batch, row,
// column) on along the row, of float (or double, for PT2_DTYPE_F64): adds
// beta * source, calls |gemm|'s finish, and writes them to C, rounded by
// |variant|. Changes |values|.
void pt2__gemm_finish_row(const pt2__gemm_t* gemm,
                          const pt2__gemm_variant_t* variant, int64_t batch,
                          int64_t row, int64_t column, int64_t count,
                          void* values);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_FINISH_H_
