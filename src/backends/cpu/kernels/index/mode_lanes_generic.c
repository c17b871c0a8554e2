// SPDX-License-Identifier: Apache-2.0
#define MODE_LANES pt2__mode_lanes_generic
#include "backends/cpu/kernels/index/mode_lanes.inc"
