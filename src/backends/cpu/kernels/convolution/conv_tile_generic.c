// SPDX-License-Identifier: Apache-2.0
//
// Tiles of direct convolution for any CPU: vectors of 16 bytes, which the
// compiler maps to what it has.
#include <string.h>

#include "backends/cpu/kernels/convolution/conv_tile.h"

#define ISA generic
#define VECTOR_BYTES 16
#define ROWS 4

#define SUFFIX f32
#define REAL float
#define FMA(a, b, c) ((a) * (b) + (c))
#include "backends/cpu/kernels/convolution/conv_tile.inc"

#define SUFFIX f64
#define REAL double
#define FMA(a, b, c) ((a) * (b) + (c))
#include "backends/cpu/kernels/convolution/conv_tile.inc"

// Unsigned, so that sums wrap as PyTorch's integers do.
#define SUFFIX i64
#define REAL uint64_t
#define FMA(a, b, c) ((a) * (b) + (c))
#include "backends/cpu/kernels/convolution/conv_tile.inc"
