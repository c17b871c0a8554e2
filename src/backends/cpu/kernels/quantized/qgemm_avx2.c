// SPDX-License-Identifier: Apache-2.0
#define KERNELS pt2__qgemm_avx2
#include "backends/cpu/kernels/quantized/qgemm.inc"
