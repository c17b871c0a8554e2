// SPDX-License-Identifier: Apache-2.0
#define PT2_SIMD_BYTES 32
#define KERNELS pt2__weight_only_avx2
#include "backends/cpu/kernels/matmul/weight_only.inc"
