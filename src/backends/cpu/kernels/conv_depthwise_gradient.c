// SPDX-License-Identifier: Apache-2.0
#define REAL float
#define WIDTH 16
#define DEPTHWISE pt2__conv_depthwise_f32
#define SUM_ROW sum_row_f32
#include "backends/cpu/kernels/conv_gradient.inc"

#define REAL double
#define WIDTH 8
#define DEPTHWISE pt2__conv_depthwise_f64
#define SUM_ROW sum_row_f64
#include "backends/cpu/kernels/conv_gradient.inc"
