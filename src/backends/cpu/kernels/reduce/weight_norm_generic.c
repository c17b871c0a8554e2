// SPDX-License-Identifier: Apache-2.0
#define WEIGHT_NORM_ROW pt2__weight_norm_row_generic
#include "backends/cpu/kernels/reduce/weight_norm.inc"
