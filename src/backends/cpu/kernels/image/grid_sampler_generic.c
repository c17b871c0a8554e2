// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <string.h>

#include "backends/cpu/kernels/image/grid_sampler.h"

#define SAME(x) (x)
#define ROUND_ONE(x) R(x)
#define F_FLOAT(name) name##f
#define F_DOUBLE(name) name
#define N_F32(name) name##_f32
#define N_F64(name) name##_f64
#define N_F16(name) name##_f16
#define N_BF16(name) name##_bf16

#define REAL float
#define F F_FLOAT
#define R SAME
#define LOW 0
#define N N_F32
#define KERNELS pt2__grid_kernels_f32
#include "backends/cpu/kernels/image/grid_sampler.inc"
#undef REAL
#undef F
#undef N
#undef KERNELS

#define REAL double
#define F F_DOUBLE
#define N N_F64
#define KERNELS pt2__grid_kernels_f64
#include "backends/cpu/kernels/image/grid_sampler.inc"
#undef REAL
#undef F
#undef R
#undef LOW
#undef N
#undef KERNELS

#define REAL float
#define F F_FLOAT
#define R pt2__grid_round_f16
#define LOW 1
#define N N_F16
#define KERNELS pt2__grid_kernels_f16
#include "backends/cpu/kernels/image/grid_sampler.inc"
#undef R
#undef N
#undef KERNELS

#define R pt2__grid_round_bf16
#define N N_BF16
#define KERNELS pt2__grid_kernels_bf16
#include "backends/cpu/kernels/image/grid_sampler.inc"
