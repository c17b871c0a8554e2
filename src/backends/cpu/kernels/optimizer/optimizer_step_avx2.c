// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define STEP(suffix) pt2__optimizer_step_##suffix##_avx2
#include "backends/cpu/kernels/optimizer/optimizer_step.inc"
#endif
