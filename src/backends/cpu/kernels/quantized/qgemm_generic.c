// SPDX-License-Identifier: Apache-2.0
#define KERNELS pt2__qgemm_generic
#include "backends/cpu/kernels/quantized/qgemm.inc"
