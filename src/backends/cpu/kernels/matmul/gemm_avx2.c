// SPDX-License-Identifier: Apache-2.0
//
// Matrix kernels for AVX2 and FMA: tiles of 6 rows by 2 vectors fill 12 of the
// 16 registers.
#define PT2_SIMD_BYTES 32
#define VARIANT avx2
#define VARIANT_MR 6
#define VARIANT_NV 2
#include "backends/cpu/kernels/matmul/gemm_variant.inc"
