// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/conv_planes.h"

#if defined(__x86_64__)
#include <omp.h>
#include <string.h>

#include "ops/op.h"

#define ISA avx2
#define VECTOR_BYTES 32

#define SUFFIX f32
#define REAL float
#define INTEGER int32_t
#include "backends/cpu/kernels/conv_planes.inc"

#define SUFFIX f64
#define REAL double
#define INTEGER int64_t
#include "backends/cpu/kernels/conv_planes.inc"
#endif
