// SPDX-License-Identifier: Apache-2.0
#define KERNELS pt2__qlayer_avx2
#define CHUNK 32
#include "backends/cpu/kernels/quantized/qlayer.inc"
