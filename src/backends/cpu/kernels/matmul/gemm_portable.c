// SPDX-License-Identifier: Apache-2.0
//
// Matrix kernels for any CPU: vectors of 16 bytes, which every compiler lowers.
#define PT2_SIMD_BYTES 16
#define VARIANT portable
#define VARIANT_MR 4
#define VARIANT_NV 2
#include "backends/cpu/kernels/matmul/gemm_variant.inc"
