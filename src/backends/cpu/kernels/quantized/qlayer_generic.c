// SPDX-License-Identifier: Apache-2.0
#define KERNELS pt2__qlayer_generic
#define CHUNK 16
#include "backends/cpu/kernels/quantized/qlayer.inc"
