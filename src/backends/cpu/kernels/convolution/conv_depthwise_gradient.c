// SPDX-License-Identifier: Apache-2.0
#define VECTOR_BYTES 16

#define REAL float
#define FUNCTION pt2__conv_depthwise_f32
#define FMA(a, b, c) ((a) * (b) + (c))
#include "backends/cpu/kernels/convolution/conv_gradient.inc"

#define REAL double
#define FUNCTION pt2__conv_depthwise_f64
#define FMA(a, b, c) ((a) * (b) + (c))
#include "backends/cpu/kernels/convolution/conv_gradient.inc"
