// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define PANELS pt2__qr_panels_avx2
#include "backends/cpu/kernels/linalg/qr_panel_body.inc"
#endif
