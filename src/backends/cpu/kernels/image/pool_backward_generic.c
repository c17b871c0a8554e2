// SPDX-License-Identifier: Apache-2.0
//
// Backward operators of poolings for any CPU.
#define ISA generic
#include "backends/cpu/kernels/image/pool_backward.inc"
