// SPDX-License-Identifier: Apache-2.0
//
// Rows of poolings for any CPU.
#define ISA generic
#include "backends/cpu/kernels/image/pool_rows.inc"
