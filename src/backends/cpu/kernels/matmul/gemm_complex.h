// SPDX-License-Identifier: Apache-2.0
//
// Products of complex matrices as products of real ones.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_COMPLEX_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_COMPLEX_H_

#include "backends/cpu/kernels/matmul/gemm.h"

// Whether pt2__gemm_complex computes |gemm|, whose rows of C lie side by side,
// and is worth its copies.
bool pt2__gemm_complex_suits(const pt2__gemm_t* gemm);

// Errors: OUT_OF_MEMORY  C is untouched, or only partly computed for a batch
PT2_MUST_USE pt2_status_t pt2__gemm_complex(const pt2__gemm_t* gemm);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_COMPLEX_H_
