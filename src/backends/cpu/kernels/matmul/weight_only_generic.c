// SPDX-License-Identifier: Apache-2.0
#define PT2_SIMD_BYTES 16
#define KERNELS pt2__weight_only_generic
#include "backends/cpu/kernels/matmul/weight_only.inc"
