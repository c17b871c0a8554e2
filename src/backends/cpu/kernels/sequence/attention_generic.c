// SPDX-License-Identifier: Apache-2.0
//
// Attention on any machine.

#include <math.h>
#include <string.h>

#include "backends/cpu/kernels/sequence/attention.h"
#include "pt2/tensor.h"
#include "tensor/tensor.h"

#define REAL float
#define REAL_BITS int32_t
#define LANES 4
#define NAME(x) x##_f32
#define FMA(a, b, c) ((a) * (b) + (c))
#define IS_DOUBLE 0
#define KERNEL pt2__attention_f32
#include "backends/cpu/kernels/sequence/attention.inc"

#define REAL double
#define REAL_BITS int64_t
#define LANES 2
#define NAME(x) x##_f64
#define FMA(a, b, c) ((a) * (b) + (c))
#define IS_DOUBLE 1
#define KERNEL pt2__attention_f64
#include "backends/cpu/kernels/sequence/attention.inc"
