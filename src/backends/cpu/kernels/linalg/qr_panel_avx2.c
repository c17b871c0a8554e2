// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include "backends/cpu/kernels/linalg/qr_panel.h"

#include <math.h>
#include <string.h>

// Sums that are taken side by side.
#define LANES 16
#define PAIR_LANES 8

#define REAL float
#define NAME(x) x##_f32
#define SQRT sqrtf
#define ABS fabsf
#define PANEL pt2__qr_panel_f32_avx2
#define COMPLEX_PANEL pt2__qr_panel_c64_avx2
#define LOWEST 1e-24f
#define HIGHEST 1e36f
#include "backends/cpu/kernels/linalg/qr_panel.inc"

#define REAL double
#define NAME(x) x##_f64
#define SQRT sqrt
#define ABS fabs
#define PANEL pt2__qr_panel_f64_avx2
#define COMPLEX_PANEL pt2__qr_panel_c128_avx2
#define LOWEST 1e-240
#define HIGHEST 1e300
#include "backends/cpu/kernels/linalg/qr_panel.inc"
#endif
