// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define REAL float
#define WIDTH 32
#define DEPTHWISE pt2__conv_depthwise_f32_avx2
#define SUM_ROW sum_row_f32
#include "backends/cpu/kernels/conv_gradient.inc"

#define REAL double
#define WIDTH 16
#define DEPTHWISE pt2__conv_depthwise_f64_avx2
#define SUM_ROW sum_row_f64
#include "backends/cpu/kernels/conv_gradient.inc"
#endif
