// SPDX-License-Identifier: Apache-2.0
//
// Matrix kernels for AVX-512: tiles of 12 rows by 2 vectors fill 24 of the 32
// registers.
#define PT2_SIMD_BYTES 64
#define VARIANT avx512
#define VARIANT_MR 12
#define VARIANT_NV 2
#include "backends/cpu/kernels/matmul/gemm_variant.inc"
