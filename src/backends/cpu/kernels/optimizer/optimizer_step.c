// SPDX-License-Identifier: Apache-2.0
#define STEP(suffix) pt2__optimizer_step_##suffix
#include "backends/cpu/kernels/optimizer/optimizer_step.inc"
