// SPDX-License-Identifier: Apache-2.0
#define PANELS pt2__qr_panels_generic
#include "backends/cpu/kernels/linalg/qr_panel_body.inc"
